import html
import re

import pytest

from archwright.diagram.model import Diagram, Edge, Node
from archwright.formats import write
from tests.formats import samples

HOSTILE = [
    "<script>alert(1)</script>", "a \"quoted\" & 'x'", "] --> [", "`code`", "#35; #quot;", "|pipe|", "{{x}}",
    "%% comment", "A;B", "$$x$$", "שלום 🚀", "end", "\\", "1. first", "- item", "2) second",
]  # fmt: skip


def lines(diagram: Diagram) -> list[str]:
    return write(diagram, "mermaid").decode().splitlines()


def read(text: str) -> str:
    """What Mermaid shows for an escaped text."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", text))


def test_a_diagram_is_a_flowchart_with_shapes_by_type_and_arrows_by_kind():
    assert lines(samples.url_shortener()) == [
        "---",
        'title: "URL shortener"',
        "---",
        "flowchart LR",
        '  n1(["Web client"])',
        '  n2{{"API gateway<br/><small>Kong</small>"}}',
        '  n3["Link service<br/><small>Go</small>"]',
        '  n4[("Redirect cache<br/><small>Redis</small>")]',
        '  n5[("Links DB<br/><small>PostgreSQL</small>")]',
        '  n6[["Click stream<br/><small>Apache Kafka</small>"]]',
        '  n1 -->|"sends requests"| n2',
        '  n2 -->|"routes requests"| n3',
        '  n3 ==>|"reads hot links"| n4',
        '  n3 ==>|"reads and writes links"| n5',
        '  n3 -.->|"publishes clicks"| n6',
    ]


def test_groups_are_nested_subgraphs():
    nodes = [
        Node(id="vpc", type="group", label="VPC"),
        Node(id="api", label="API", parent="vpc"),
        Node(id="data", type="group", label="Data", parent="vpc"),
        Node(id="db", type="database", label="DB", parent="data"),
    ]
    edge = Edge(id="e", source="api", target="data")
    assert lines(Diagram("", {node.id: node for node in nodes}, {"e": edge}))[3:] == [
        "flowchart LR",
        '  subgraph n1["VPC"]',
        '    n2["API"]',
        '    subgraph n3["Data"]',
        '      n4[("DB")]',
        "    end",
        "  end",
        "  n2 --> n3",
    ]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_text_stays_one_quoted_text(label):
    diagram = Diagram(
        "t", {"end": Node(id="end", label=label)}, {"e": Edge(id="e", source="end", target="end", label=label)}
    )
    node, edge = lines(diagram)[4:]
    shown = re.fullmatch(r'  n1\["([^"<>`|{}\[\]]*)"\]', node)
    carried = re.fullmatch(r'  n1 -->\|"([^"<>`|{}\[\]]*)"\| n1', edge)
    assert shown and carried
    assert (read(shown[1]), read(carried[1])) == (label, label)


def test_a_mark_of_a_list_at_the_start_is_escaped():
    diagram = Diagram("t", {str(i): Node(id=str(i), label=label) for i, label in enumerate(["1. a", "- b", "3.5 c"])})
    assert lines(diagram)[4:] == ['  n1["1#46; a"]', '  n2["#45; b"]', '  n3["3#46;5 c"]']


def test_the_title_is_one_yaml_string_whatever_it_holds():
    assert lines(Diagram('a: "b" \\ # c'))[1] == 'title: "a: \\"b\\" \\\\ # c"'
    assert lines(Diagram())[1:] == ['title: "Architecture"', "---", "flowchart LR"]
