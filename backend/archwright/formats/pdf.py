"""PDF: the contents, the picture on a sheet of its own, and the design document."""

import logging
import unicodedata
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from math import ceil
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import CoreFont, TTFFont
from fpdf.outline import OutlineSection
from fpdf.output import OutputProducer, PDFInfo

from archwright.diagram.model import Diagram, Section
from archwright.errors import InvalidRequest
from archwright.formats import flat_svg, png
from archwright.formats.markdown import level_of, ordered, title_of
from archwright.formats.pdf_text import FONT, LINE, MUTED, TEXT, write_text

LETTERS_MAX = 400_000
"""About 3,000 a page of prose; as tables of short cells, the slowest there is, 20 seconds."""
_MARGIN, _BOTTOM = 22.0, 20.0
_SHEETS_MM = ((297.0, 210.0), (420.0, 297.0), (594.0, 420.0), (841.0, 594.0), (1189.0, 841.0))
_READABLE = 0.16
"""Millimetres a unit of the picture should have, so that its smallest letters have five points."""
_EDGES = 24.0
"""What stays free beside the picture, both sides together."""
_SCALE_MAX = 0.3
_ROW = 7.0
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""What the file's id is made of besides its content."""
_FONTS = Path(__file__).parent / "fonts"
_MISSING = 0xFFFD
_STYLES = (("", "Inter-400"), ("B", "Inter-600"), ("I", "Inter-400-Italic"), ("BI", "Inter-600"))
for _name in ("fpdf", "fontTools"):
    logging.getLogger(_name).setLevel(logging.ERROR)  # they would log each letter that the font lacks


def write(diagram: Diagram, theme: str = "light") -> bytes:
    """Return the document on white paper, whatever the theme; the same diagram gives the same bytes.

    Letters of the document that the font lacks, such as Chinese ones, are drawn as its sign for that.
    Raises InvalidRequest for a document that would take longer than a request may.
    """
    book, sections = Book(), ordered(diagram)
    letters = sum(len(section.body) for section in sections)
    if letters > LETTERS_MAX:
        raise InvalidRequest(
            f"The document has {letters:,} characters, a PDF may have {LETTERS_MAX:,}; HTML and Markdown hold it all."
        )
    book.set_title(title_of(diagram))
    if sections:
        book.contents(diagram, sections)
    book.picture(diagram)
    if sections:
        book.add_page(format="A4")
    for section in sections:
        book.section(section, level_of(section, diagram))
    book.write_contents()
    return bytes(book.output(output_producer_class=_Undated))


class _Undated(OutputProducer):
    """Leaves out when the file was made, so that it depends on its content alone."""

    def _add_info(self) -> PDFInfo:
        info = super()._add_info()
        info.creation_date = None  # type: ignore[assignment]
        return info


class Book(FPDF):
    """A document on A4, with the font that comes along and numbered pages."""

    def __init__(self) -> None:
        super().__init__(format="A4", unit="mm")
        for style, name in _STYLES:
            self.add_font(FONT, style, _FONTS / f"{name}.ttf")
            _show_missing(self.fonts[FONT.lower() + style])
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, _BOTTOM)
        self.set_lang("en")
        self.set_creation_date(_NO_TIME)
        self.set_draw_color(LINE)
        self._contents_at = 0.0

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(FONT, "", 8)
        self.set_text_color(MUTED)
        self.cell(0, 4, str(self.page_no()), align="R")
        self.set_text_color(TEXT)

    def contents(self, diagram: Diagram, sections: list[Section]) -> None:
        """The title and the room for the table of contents, which is written when the pages are known."""
        self.add_page(format="A4")
        self.set_font(FONT, "B", 24)
        self.set_text_color(TEXT)
        self.multi_cell(0, 10, legible(title_of(diagram)), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        groups = sum(node.type == "group" for node in diagram.nodes.values())
        self.set_font(FONT, "", 10)
        self.set_text_color(MUTED)
        about = f"{len(diagram.nodes) - groups} components, {len(diagram.edges)} connections"
        self.cell(0, 8, about, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_color(TEXT)
        self.ln(6)
        self._contents_at = self.y
        first = int((self.page_break_trigger - self.y) // _ROW)
        each = int((self.page_break_trigger - self.t_margin) // _ROW)
        for _ in range(ceil(max(0, len(sections) - first) / each)):
            self.add_page(format="A4")

    def picture(self, diagram: Diagram) -> None:
        """The diagram on the smallest sheet on which it can be read: as lines and letters, or as dots where it holds
        letters that the font lacks."""
        drawn = flat_svg.draw(diagram, FONT)
        wide, high = _sheet(drawn.width, drawn.height)
        self.add_page(format=(wide, high))
        scale = min((wide - _EDGES) / drawn.width, (high - _EDGES) / drawn.height, _SCALE_MAX)
        width, height = scale * drawn.width, scale * drawn.height
        x, y = (wide - width) / 2, (high - height) / 2
        known = all(letter < " " or ord(letter) in _letters() for letter in drawn.content)
        self.image(BytesIO(drawn.content.encode() if known else png.write(diagram)), x, y, width, height)

    def section(self, section: Section, level: int) -> None:
        """A section under its heading, which never stands alone at the foot of a page."""
        size = 16 if level == 2 else 12.5
        if self.will_page_break(3 * size):
            self.add_page(format="A4")
        elif self.y > self.t_margin:
            self.ln(8 if level == 2 else 5)
        title = legible(section.title).strip() or section.slug
        self.start_section(title, level - 2, strict=False)
        self.set_font(FONT, "B", size)
        self.multi_cell(0, size * 0.5, title, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.5)
        write_text(self, legible(section.body))

    def write_contents(self) -> None:
        """One line for each section, which leads to it, in the room that was left."""
        last = self.page
        self._return_to(1, self._contents_at)
        for entry in self._outline:
            if self.y + _ROW > self.page_break_trigger:
                self._return_to(self.page + 1, self.t_margin)
            self._contents_line(entry)
        self._return_to(last, self.t_margin)

    def _return_to(self, page: int, y: float) -> None:
        """Go on writing on a page that is there already, on which nothing is known of the font."""
        self.page = page
        self.current_font_is_set_on_page = False
        self.set_y(y)

    def _contents_line(self, entry: OutlineSection) -> None:
        link = self.add_link(page=entry.page_number)
        indent, number = 6.0 * entry.level, 12.0
        room = self.epw - indent - number
        self.set_font(FONT, "" if entry.level else "B", 10)
        self.set_x(self.l_margin + indent)
        self.cell(room, _ROW, _cut(self, entry.name, room), link=link)
        self.cell(number, _ROW, str(entry.page_number), align="R", link=link, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _sheet(width: float, height: float) -> tuple[float, float]:
    """The smallest sheet that shows the picture at a size that can be read, or the largest; in millimetres."""
    long, short = max(width, height), min(width, height)
    fitting = (s for s in _SHEETS_MM if min((s[0] - _EDGES) / long, (s[1] - _EDGES) / short) >= _READABLE)
    chosen = next(fitting, _SHEETS_MM[-1])
    return chosen if width >= height else (chosen[1], chosen[0])


def _cut(book: Book, text: str, room: float) -> str:
    """The text, shortened to the room."""
    while len(text) > 1 and book.get_string_width(text) > room - 3:
        text = text[: min(len(text) - 2, int(len(text) * 0.9))].rstrip() + "…"
    return text


def _show_missing(font: CoreFont | TTFFont) -> None:
    """Give the replacement character the look that the font has for what it lacks; by itself fpdf2 leaves that out."""
    assert isinstance(font, TTFFont)
    font.cmap[_MISSING] = ".notdef"
    font.glyph_ids[_MISSING] = 0


def legible(text: str) -> str:
    """Return the text without invisible letters, with the replacement character for each that the font lacks."""
    return "".join(one if one < " " or ord(one) in _letters() else _stand_in(one) for one in text)


def _stand_in(letter: str) -> str:
    return "" if unicodedata.category(letter) in ("Cf", "Mn", "Me", "Cc") else chr(_MISSING)


@cache
def _letters() -> frozenset[int]:
    return frozenset(TTFont(_FONTS / "Inter-400.ttf", lazy=True).getBestCmap())
