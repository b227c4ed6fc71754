import struct
import zlib

import pytest

from archwright.diagram.layout import arrange
from archwright.diagram.model import Diagram, Node, Point, Size
from archwright.formats import write
from tests.formats import samples


def size_of(content: bytes) -> tuple[int, int]:
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def svg_size(diagram: Diagram) -> tuple[int, int]:
    head = write(diagram, "svg").split(b">", 1)[0].decode()
    width, height = (int(head.split(f' {name}="')[1].split('"')[0]) for name in ("width", "height"))
    return width, height


def pixels(content: bytes) -> list[bytes]:
    """The colours of a picture with four bytes a pixel, unfiltered row by row."""
    width, height = size_of(content)
    body, at = b"", 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        if content[at + 4 : at + 8] == b"IDAT":
            body += content[at + 8 : at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(body)
    assert len(raw) == height * (4 * width + 1)
    return [raw[i * (4 * width + 1) : (i + 1) * (4 * width + 1)] for i in range(height)]


@pytest.mark.parametrize("picture", [samples.url_shortener, samples.chat])
def test_a_picture_has_twice_the_size_of_the_svg(picture):
    laid = arrange(picture())
    width, height = svg_size(laid)
    assert size_of(write(laid, "png")) == (2 * width, 2 * height)


def test_a_huge_picture_has_a_bounded_number_of_pixels():
    far = {f"n{i}": Node(id=f"n{i}", label="n", position=Point(x=i * 90_000, y=i * 50_000)) for i in range(3)}
    width, height = size_of(write(Diagram("Far", far), "png"))
    assert 20_000_000 < width * height <= 25_500_000


def test_text_is_drawn_with_the_font_that_comes_along():
    node = Node(id="a", label="Письмо αβγ Ünï", size=Size(width=220, height=62))
    with_text, without = (
        write(Diagram("t", {"a": node.model_copy(update={"label": label})}), "png") for label in (node.label, " ")
    )
    assert sum(a != b for a, b in zip(pixels(with_text), pixels(without), strict=True)) > 15


def test_light_dark_and_auto():
    laid = arrange(samples.url_shortener())
    light, dark, auto = (write(laid, "png", theme) for theme in ("light", "dark", "auto"))
    assert auto == light
    assert size_of(dark) == size_of(light)
    assert dark != light


@pytest.mark.parametrize("label", ["<script>alert(1)</script>", "שלום", "🚀", "a & b \"c\" 'd'", "{}--canvas:var(--x)"])
def test_hostile_text_is_drawn(label):
    laid = arrange(Diagram(label, {"a": Node(id="a", label=label)}))
    assert size_of(write(laid, "png"))[0] > 300


def test_nothing_is_a_picture_too():
    assert size_of(write(Diagram(), "png")) == tuple(2 * n for n in svg_size(Diagram()))
