import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagram.layout import arrange
from archwright.diagram.layout.boxes import Box, box_of
from archwright.diagram.model import Diagram, Edge, Node
from archwright.formats import write
from archwright.formats.edge_labels import places
from tests.diagram.layout.strategies import diagrams
from tests.formats import samples

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    "a \"b\" & 'c' ]]>",
    "שלום עולם \u202e",
    "🚀 launch 👩‍👩‍👧",
    "\ufffe\uffff x",
    "&amp;lt;",
]
PICTURES = [samples.url_shortener, samples.chat, samples.shop]


def drawn(diagram: Diagram, theme: str = "auto") -> ET.Element:
    return ET.fromstring(write(diagram, "svg", theme))


def texts(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def box(rect: ET.Element) -> Box:
    return Box(*(float(rect.get(name) or "nan") for name in ("x", "y", "width", "height")))


@pytest.mark.parametrize("picture", PICTURES)
def test_every_node_is_a_group_with_its_id_and_a_rectangle_in_its_place(picture):
    laid = arrange(picture())
    found = {g.get("data-id"): box(g[0]) for g in drawn(laid).iter(f"{SVG}g") if g.get("data-id")}
    assert found == {node.id: box_of(node) for node in laid.nodes.values()}


@pytest.mark.parametrize("picture", PICTURES)
def test_every_edge_is_a_path_of_its_kind_from_end_to_end(picture):
    laid = arrange(picture())
    found = {g.get("data-edge"): g[0] for g in drawn(laid).iter(f"{SVG}g") if g.get("data-edge")}
    assert list(found) == list(laid.edges)
    for edge in laid.edges.values():
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", found[edge.id].get("d") or "")]
        ends = [edge.route[0].x, edge.route[0].y, edge.route[-1].x, edge.route[-1].y]
        assert (found[edge.id].get("class"), [*numbers[:2], *numbers[-2:]]) == (f"edge {edge.kind}", ends)


@pytest.mark.parametrize("picture", PICTURES)
def test_all_that_is_written_is_in_the_picture(picture):
    laid = arrange(picture())
    written = " ".join(texts(drawn(laid))).split()
    for element in [*laid.nodes.values(), *laid.edges.values()]:
        assert all(word in written or word in " ".join(written) for word in element.label.split())
    assert laid.title in texts(drawn(laid))


@pytest.mark.parametrize("picture", PICTURES)
def test_everything_lies_inside_the_view_with_a_margin(picture):
    root = drawn(arrange(picture()))
    view = Box(*map(float, (root.get("viewBox") or "").split()))
    inner = view.grown(-20)
    assert (root.get("width"), root.get("height")) == (f"{view.width:.0f}", f"{view.height:.0f}")
    for rect in root.iter(f"{SVG}rect"):
        assert rect.get("class") == "canvas" or inner.holds(box(rect))
    for text in root.iter(f"{SVG}text"):
        assert inner.holds(Box(float(text.get("x") or 0), float(text.get("y") or 0), 0, 0))


@pytest.mark.parametrize("picture", PICTURES)
def test_labels_of_edges_sit_neither_on_boxes_nor_on_each_other(picture):
    laid = arrange(picture())
    found = places(laid)
    assert [place.edge.id for place in found] == [edge.id for edge in laid.edges.values() if edge.label]
    boxes = [(node.id, box_of(node)) for node in laid.nodes.values() if node.type != "group"]
    labels = [(place.edge.id, place.box) for place in found]
    covered = [(a, b) for a, label in labels for b, other in [*boxes, *labels] if a != b and label.meets(other)]
    assert covered == []


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_text_stays_text(label):
    node = Node(id="a", label=label, technology=label, description=label)
    other = Node(id="g", label=label, type="group", technology=label, description=label)
    diagram = Diagram(label, {"a": node, "g": other}, {"e": Edge(id="e", source="a", target="g", label=label)})
    root = drawn(arrange(diagram))
    kept = "".join(c for c in label if c not in "\ufffe\uffff")
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "tspan", "g"
    }  # fmt: skip
    assert "".join(texts(root)).replace(" ", "").count(kept.replace(" ", "")) == 6
    assert all(title.text in (kept, kept.strip()) for title in root.iter(f"{SVG}title"))


@settings(max_examples=40, deadline=None)
@given(diagrams(8), st.text(max_size=200), st.sampled_from(["auto", "light", "dark"]))
def test_any_diagram_is_well_formed_and_the_same_each_time(diagram, title, theme):
    laid = arrange(diagram.replace(title=title))
    root = drawn(laid, theme)
    assert [element for element in root.iter() if element.get("href") or element.get("onload")] == []
    assert write(laid, "svg", theme) == write(laid, "svg", theme)


def test_the_picture_refers_to_nothing_outside_itself():
    content = write(arrange(samples.shop()), "svg").decode()
    assert re.findall(r"https?://[^\"' )]+|url\([^#)][^)]*\)|@import|xlink|<script|<image|<foreignObject", content) == [
        "http://www.w3.org/2000/svg"
    ]


def test_the_theme_is_the_readers_or_the_one_that_is_asked_for():
    laid = arrange(samples.url_shortener())
    auto, light, dark = (write(laid, "svg", theme).decode() for theme in ("auto", "light", "dark"))
    assert "prefers-color-scheme:dark" in auto
    assert "prefers-color-scheme" not in light + dark
    assert ("--canvas:#ffffff" in light, "--canvas:#ffffff" in dark) == (True, False)


def test_the_legend_explains_the_kinds_in_use_when_there_are_several():
    several = texts(drawn(arrange(samples.url_shortener())))
    assert several[-3:] == ["request", "asynchronous", "reads or writes data"]
    nodes = {i: Node(id=i, label=i) for i in "ab"}
    one = Diagram("One", nodes, {"e": Edge(id="e", source="a", target="b")})
    assert texts(drawn(arrange(one))) == ["One", "a", "b"]


def test_an_empty_diagram_is_a_picture_with_a_title():
    assert texts(drawn(Diagram())) == ["Architecture"]
    assert texts(drawn(Diagram(title="  "))) == ["Architecture"]


def test_a_diagram_without_geometry_is_drawn_all_the_same():
    assert len(texts(drawn(samples.chat()))) > 15
