"""The document as a PDF, read back with another library."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from archwright.diagram.layout import arrange
from archwright.diagram.model import Diagram, Node, Section
from archwright.errors import InvalidRequest
from archwright.formats import write
from tests.formats import samples

BODY = """A *slanted* and **bold** word, `code` and [a link](https://example.com/x), ~~gone~~.

1. first
   - Кириллица, Ελληνικά, Ünï

| Component | Technology |
|---|---|
| Orders | PostgreSQL |

```
let x = 1
```
"""
HOSTILE = {
    "a word of 20,000 letters": "x" * 20_000,
    "a table of 1,500 rows": "| A | B |\n|---|---|\n" + "| one | two |\n" * 1_500,
    "a table of 300 columns": "|" + " a |" * 300 + "\n|" + "---|" * 300 + "\n|" + " b |" * 300,
    "a cell longer than a page": "| A | B |\n|---|---|\n| " + "many words " * 2_000 + " | b |",
    "lists in lists": "\n".join("  " * depth + "- deep" for depth in range(60)),
    "quotes in quotes": ">" * 300 + " x",
    "code without an end": "```\n" + "z" * 20_000,
    "other scripts": "漢字 שלום مرحبا 👩‍👩‍👧 \u202e \u200b",
    "marks without sense": "`" * 3_000 + "*" * 3_000 + "[" * 3_000,
    "an empty table": "|  |  |\n|---|---|\n|  |  |",
    "nothing": "",
}


def book(**bodies: str) -> Diagram:
    sections = {
        slug: Section(slug=slug, title=slug.title(), body=body, position=number)
        for number, (slug, body) in enumerate(bodies.items())
    }
    return arrange(samples.chat()).replace(sections=sections)


def read(diagram: Diagram) -> PdfReader:
    return PdfReader(BytesIO(write(diagram, "pdf")), strict=True)


def test_a_pdf_holds_the_contents_the_picture_and_every_section() -> None:
    pdf = read(book(summary=BODY, security="All of it over TLS."))
    contents, picture, text = (page.extract_text() for page in pdf.pages)
    for line in ("Real-time chat", "13 components, 15 connections"):
        assert line in contents.splitlines()
    assert "Summary 3" in contents and "Security 3" in contents
    assert all(node.label.split()[0] in picture for node in samples.chat().nodes.values())
    for words in ("slanted", "bold", "Кириллица, Ελληνικά, Ünï", "PostgreSQL", "let x = 1", "All of it over TLS."):
        assert words in text
    assert pdf.metadata is not None and pdf.metadata.title == "Real-time chat"
    assert [str(entry["/Title"]) for entry in pdf.outline if isinstance(entry, dict)] == ["Summary", "Security"]


def test_the_contents_lead_to_the_pages_and_links_lead_out() -> None:
    pdf = read(book(**{f"part-{n}": BODY for n in range(60)}))
    places = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
    targets = {pdf.get_page_number(place["/Dest"][0].get_object()) for place in places if "/Dest" in place}
    assert {str(place["/A"]["/URI"]) for place in places if "/A" in place} == {"https://example.com/x"}
    assert min(targets) == 3 and max(targets) <= len(pdf.pages) - 1
    assert "Part-0 4" in pdf.pages[0].extract_text() and "Part-59" in pdf.pages[1].extract_text()


def test_a_diagram_without_a_document_is_one_page() -> None:
    assert len(read(arrange(samples.url_shortener())).pages) == len(read(Diagram()).pages) == 1


def test_the_same_diagram_gives_the_same_bytes() -> None:
    assert write(book(summary=BODY), "pdf") == write(book(summary=BODY), "pdf", "dark")


def test_a_large_diagram_gets_a_large_sheet() -> None:
    small, large = (read(arrange(one())).pages[0].mediabox for one in (samples.url_shortener, samples.shop))
    assert max(small.width, small.height) < max(large.width, large.height)
    many = Diagram("Many", {f"n{n}": Node(id=f"n{n}", label=f"Node {n}") for n in range(400)})
    assert "Node 399" in read(arrange(many)).pages[0].extract_text()


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_written(body: str) -> None:
    pdf = read(book(hostile=body, last="Still here."))
    assert "Still here." in pdf.pages[-1].extract_text()


def test_a_section_runs_nothing_and_loads_nothing_and_an_image_is_a_link() -> None:
    body = "<script>alert(1)</script> [x](javascript:alert(1)) [f](file:///etc/passwd) ![y](http://evil.example/z.png)"
    pdf = read(book(summary=body))
    assert "<script>alert(1)</script>" in pdf.pages[-1].extract_text()
    places = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
    assert [str(place["/A"]["/URI"]) for place in places if "/A" in place] == ["http://evil.example/z.png"]
    assert not any("/XObject" in page["/Resources"] for page in pdf.pages)
    assert not any(name in write(book(summary=body), "pdf") for name in (b"/JavaScript", b"/JS", b"/Launch", b"/AA"))


def test_letters_that_the_font_lacks_are_shown_as_missing_rather_than_left_out() -> None:
    pdf = read(book(summary="x 漢字 **漢** y\u2060 e\u0301 🚀"))
    assert "x \ufffd\ufffd \ufffd y e\u0301 \ufffd" in pdf.pages[-1].extract_text()


def test_a_picture_with_letters_that_the_font_lacks_is_drawn_as_dots_with_all_of_them() -> None:
    page = read(arrange(Diagram("漢字", {"a": Node(id="a", label="漢 node")}))).pages[0]
    assert (len(page.images), page.extract_text().strip()) == (1, "1")


def test_a_document_that_would_take_too_long_is_refused_with_what_holds_it() -> None:
    with pytest.raises(InvalidRequest, match="may have 400,000; HTML and Markdown hold it all"):
        write(book(**{f"part-{n}": "x" * 45_000 for n in range(9)}), "pdf")


def test_a_title_longer_than_the_line_is_shortened_in_the_contents() -> None:
    section = Section(slug="long", title="W" * 200, body="x", position=1)
    pdf = read(arrange(samples.chat()).replace(sections={"long": section}))
    assert "W…" in pdf.pages[0].extract_text()
