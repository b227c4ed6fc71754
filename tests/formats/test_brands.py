"""The pictures show the same marks of technologies as the page, from one file."""

import pytest

from archwright.diagram.layout import arrange
from archwright.diagram.model import Diagram, Node
from archwright.formats import write
from archwright.formats.brands import brand_of
from archwright.formats.icons import ICONS


def one(technology: str) -> Diagram:
    return arrange(Diagram("One", {"a": Node(id="a", type="database", label="A", technology=technology)}))


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_known_technology_is_drawn_with_its_mark_and_another_with_the_icon_of_its_type(form):
    known, unknown = write(one("PostgreSQL"), form).decode(), write(one("FooDB"), form).decode()
    mark = brand_of("PostgreSQL")
    assert mark is not None
    assert (mark.path in known, ICONS["database"] in known) == (True, False)
    assert (mark.path in unknown, ICONS["database"] in unknown) == (False, True)


def test_png_and_pdf_show_the_mark_too():
    for form in ("png", "pdf"):
        assert len(write(one("PostgreSQL"), form)) > len(write(one("Postgre's own"), form)) - 1_000
        assert write(one("PostgreSQL"), form) != write(one("postgresqL "), form)


def test_a_mark_that_could_hardly_be_seen_takes_the_colour_of_the_text():
    express, redis = brand_of("express"), brand_of("REDIS")
    assert express is not None and redis is not None
    assert (express.colour(dark=True), express.colour(dark=False)) == (None, f"#{express.hex}")
    assert redis.colour(dark=True) == redis.colour(dark=False) == f"#{redis.hex}"
