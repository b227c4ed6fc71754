"""Markdown in a PDF: paragraphs, lists, tables and code as markdown-it reads them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, WrapMode, XPos, YPos
from fpdf.fonts import FontFace
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

FONT = "Inter"
TEXT, MUTED, LINE = "#18212d", "#5a6879", "#cfd8e3"
_LINK, _SHADE = "#2f5fc7", "#f1f4f8"
_CODE = "Courier"
_SIZE, _LEADING, _GAP, _TIGHT = 10.0, 1.5, 2.2, 0.6
_INDENT, _INDENT_MAX = 6.0, 60.0
_COLUMNS_MAX, _LINES_MAX = 12, 24
_SAFE = re.compile(r"(?:https?:|mailto:)", re.IGNORECASE)
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
_STYLES = {"strong": "B", "em": "I", "s": "S"}


@dataclass(frozen=True, slots=True)
class Run:
    """Words that look alike. `style` holds letters of B, I and S."""

    text: str
    style: str = ""
    code: bool = False
    link: str | None = None


def write_text(pdf: FPDF, text: str) -> None:
    """Write markdown where the document stands. What is HTML in it is shown as text; nothing is loaded."""
    _Flow(pdf).blocks(SyntaxTreeNode(_MARKDOWN.parse(text)), 0.0)


def runs(node: SyntaxTreeNode, like: Run = Run("")) -> Iterator[Run]:
    """Return the words of an inline node with how they look; an unsafe link is words alone."""
    for child in node.children:
        match child.type:
            case "text":
                yield replace(like, text=child.content)
            case "code_inline":
                yield replace(like, text=child.content, code=True)
            case "softbreak":
                yield replace(like, text=" ")
            case "hardbreak":
                yield replace(like, text="\n")
            case "link":
                href = str(child.attrs.get("href", ""))
                yield from runs(child, replace(like, link=href if _SAFE.match(href) else None))
            case kind:
                yield from runs(child, replace(like, style=like.style + _STYLES.get(kind, "")))


def _plain(node: SyntaxTreeNode) -> str:
    return "".join(run.text for run in runs(node))


class _Flow:
    """Writes the blocks of a text one below the other."""

    def __init__(self, pdf: FPDF) -> None:
        self._pdf = pdf

    def blocks(self, node: SyntaxTreeNode, indent: float, bullet: str = "") -> None:
        for child in node.children:
            self._block(child, min(indent, _INDENT_MAX), bullet)
            bullet = ""

    def _block(self, node: SyntaxTreeNode, indent: float, bullet: str) -> None:
        match node.type:
            case "paragraph":
                self._paragraph([*runs(node.children[0])], indent, bullet, gap=_TIGHT if node.hidden else _GAP)
            case "heading":
                self._paragraph([*runs(node.children[0], Run("", "B"))], indent, bullet, _SIZE + 1)
            case "bullet_list" | "ordered_list":
                self._list(node, indent)
            case "blockquote":
                self.blocks(node, indent + _INDENT, bullet)
            case "fence" | "code_block":
                self._code(node.content.rstrip("\n"), indent)
            case "table":
                self._table([[*row.children] for part in node.children for row in part.children])
            case "hr":
                self._pdf.line(self._pdf.l_margin, self._pdf.y, self._pdf.w - self._pdf.r_margin, self._pdf.y)
                self._pdf.ln(_GAP)

    def _list(self, node: SyntaxTreeNode, indent: float) -> None:
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
        for number, item in enumerate(node.children, start=first):
            self.blocks(item, indent + _INDENT, f"{number}." if node.type == "ordered_list" else "•")
        self._pdf.ln(_GAP - _TIGHT)

    def _paragraph(
        self, words: Sequence[Run], indent: float, bullet: str, size: float = _SIZE, gap: float = _GAP
    ) -> None:
        """Runs of words, wrapped; a bullet hangs to the left of the first line."""
        pdf = self._pdf
        left = pdf.l_margin + indent
        pdf.set_font(FONT, "", size)
        if pdf.will_page_break(size * 0.5):
            pdf.add_page(format="A4")
        if bullet:
            pdf.set_x(left - _INDENT)
            pdf.cell(_INDENT, size * 0.35 * _LEADING, bullet, new_x=XPos.LMARGIN, new_y=YPos.TOP)
        pdf.set_x(left)
        with (
            pdf.text_columns(text_align="L", line_height=_LEADING, l_margin=left) as region,
            region.paragraph(bottom_margin=gap) as into,
        ):
            for run in words:
                self._dress(run, size)
                into.write(run.text, link=run.link)
        pdf.set_font(FONT, "", size)
        pdf.set_text_color(TEXT)

    def _dress(self, run: Run, size: float) -> None:
        style = "".join(sorted(set(run.style))) + ("U" if run.link else "")
        family = _CODE if run.code and _has_courier(run.text) else FONT
        self._pdf.set_font(family, style, size)
        self._pdf.set_text_color(_LINK if run.link else TEXT)

    def _code(self, text: str, indent: float) -> None:
        pdf = self._pdf
        pdf.set_font(_CODE if _has_courier(text) else FONT, "", _SIZE - 1)
        pdf.set_fill_color(_SHADE)
        pdf.set_x(pdf.l_margin + indent)
        pdf.multi_cell(
            0, 4.6, text.replace("\t", "    ") or " ", align="L", fill=True, padding=(1, 2), wrapmode=WrapMode.CHAR,
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip
        pdf.ln(_GAP)

    def _table(self, rows: list[list[SyntaxTreeNode]]) -> None:
        """A table, or where its cells hold too much for one, each row as a paragraph."""
        pdf = self._pdf
        cells = [[_plain(cell.children[0]) if cell.children else "" for cell in row] for row in rows]
        pdf.set_font(FONT, "B", _SIZE - 1)
        widths = self._widths(cells)
        if widths is None:
            for row in cells:
                self._paragraph([Run(" | ".join(row))], 0.0, "")
            return
        pdf.set_font(FONT, "", _SIZE - 1)
        pdf.set_fill_color("#ffffff")
        with pdf.table(
            col_widths=widths, width=sum(widths), align="L", text_align="L", line_height=5.2, padding=(1.0, 1.5),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES, headings_style=FontFace(emphasis="B"),
            wrapmode=WrapMode.WORD,
        ) as table:  # fmt: skip
            for number, row in enumerate(cells):
                drawn = table.row()
                for at, text in enumerate(row):
                    link, bold = _whole(rows[number][at])
                    face = FontFace(emphasis="B" if bold or number == 0 else "", color=_LINK if link else TEXT)
                    drawn.cell(text, link=link, style=face)
        pdf.ln(_GAP)

    def _widths(self, cells: Sequence[Sequence[str]]) -> tuple[float, ...] | None:
        """The columns' widths in millimetres, after what they hold; None when a row would be too high."""
        pdf = self._pdf
        count = len(cells[0])
        if count > _COLUMNS_MAX:
            return None
        needs = [max(pdf.get_string_width(row[at][:2_000]) for row in cells) + 5 for at in range(count)]
        least = pdf.epw / count
        spare = pdf.epw - sum(min(need, least) for need in needs)
        more = sum(max(0.0, need - least) for need in needs)
        share = min(1.0, spare / more) if more else 0.0
        widths = tuple(min(need, least) + max(0.0, need - least) * share for need in needs)
        high = any(1.3 * pdf.get_string_width(text[:9_000]) > _LINES_MAX * (width - 4)
                   for row in cells for text, width in zip(row, widths, strict=True))  # fmt: skip
        return None if high else widths


def _whole(cell: SyntaxTreeNode) -> tuple[str | None, bool]:
    """The first link of a cell, and whether all of it is bold."""
    found = [*runs(cell.children[0])] if cell.children else []
    return next((run.link for run in found if run.link), None), bool(found) and all("B" in run.style for run in found)


def _has_courier(text: str) -> bool:
    """Whether the font for code, which every reader of PDF brings, has all of the letters."""
    return all(" " <= letter <= "~" or letter == "\n" for letter in text)
