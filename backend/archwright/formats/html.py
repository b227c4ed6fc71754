"""HTML: one page without scripts that holds the picture and the design document, and prints well."""

from html import escape

from markdown_it import MarkdownIt

from archwright.diagram.model import Diagram
from archwright.formats import svg
from archwright.formats.markdown import level_of, ordered, title_of

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 16px/1.55 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #16202c; }}
h1, h2, h3 {{ line-height: 1.25; margin: 1.8em 0 0.5em; }} h1 {{ margin-top: 0; }}
figure {{ margin: 1rem 0; }} figure svg {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; }} th, td {{ border: 1px solid #cfd8e3; padding: 0.3em 0.7em; text-align: left; }}
nav ol {{ columns: 2; }} pre {{ overflow: auto; background: #f4f6f9; padding: 0.8em; }}
@media print {{ nav {{ display: none; }} h2, h3 {{ break-after: avoid; }} body {{ margin: 0; }} }}
</style></head><body>
<h1>{title}</h1>
<figure>{picture}</figure>
{contents}{sections}
</body></html>
"""
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


def write(diagram: Diagram, theme: str = "auto") -> bytes:
    picture = svg.write(diagram, "light" if theme == "auto" else theme).decode()
    drawing = picture[picture.index("<svg") :]
    found = ordered(diagram)
    links = "".join(f'<li><a href="#{escape(s.slug)}">{escape(s.title)}</a></li>' for s in found)
    sections = "\n".join(
        f'<h{level_of(s, diagram)} id="{escape(s.slug)}">{escape(s.title)}</h{level_of(s, diagram)}>\n{_body(s.body)}'
        for s in found
    )
    contents = f"<nav><ol>{links}</ol></nav>\n" if found else ""
    title = escape(title_of(diagram))
    return _PAGE.format(title=title, picture=drawing, contents=contents, sections=sections).encode()


def _body(text: str) -> str:
    """Markdown as HTML; what is HTML in the text is shown as text, and nothing is loaded from elsewhere."""
    rendered: str = _MARKDOWN.render(text)
    return rendered
