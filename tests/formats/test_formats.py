import json

import pytest

from archwright.diagram.layout import arrange
from archwright.diagram.model import Section
from archwright.errors import UnknownFormat
from archwright.formats import FORMATS, format_of, format_of_suffix, read_json, write
from tests.formats import samples


def test_every_format_writes_every_theme():
    laid = arrange(samples.url_shortener())
    starts = {
        "json": b"{",
        "mermaid": b"---\n",
        "svg": b"<svg ",
        "png": b"\x89PNG",
        "markdown": b"# ",
        "html": b"<!doctype html>",
        "pdf": b"%PDF-1.",
    }
    assert {name: write(laid, name, "dark")[: len(starts[name])] for name in FORMATS} == starts


def test_a_format_is_found_by_name_and_by_the_ending_of_a_file():
    assert {format_of_suffix(form.suffix.upper()) for form in FORMATS.values()} == set(FORMATS.values())
    assert format_of("svg").media_type == "image/svg+xml"


def test_an_unknown_format_is_refused_with_what_exists():
    with pytest.raises(UnknownFormat, match="There is no format 'docx'; formats: json, mermaid, svg, png"):
        write(samples.chat(), "docx")
    with pytest.raises(UnknownFormat, match=r"endings: \.json, \.mmd, \.svg, \.png"):
        format_of_suffix(".docx")


def test_json_reads_back_equal():
    section = Section(slug="summary", title="Summary", body="One.\nTwo.")
    diagram = arrange(samples.shop()).replace(sections={"summary": section})
    again = read_json(json.loads(write(diagram, "json")))
    assert (again.title, dict(again.nodes), dict(again.edges), dict(again.sections)) == (
        diagram.title,
        dict(diagram.nodes),
        dict(diagram.edges),
        dict(diagram.sections),
    )
