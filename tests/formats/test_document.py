"""The design document as a file."""

from archwright.diagram.model import Diagram, Node, Section
from archwright.formats import write

DIAGRAM = Diagram(
    title="Shop <1>",
    nodes={"db": Node(id="db", type="database", label="Orders", technology="PostgreSQL")},
    sections={
        "data-flow": Section(slug="data-flow", title="Data flow", body="1. a\n2. b", position=4000),
        "component-db": Section(slug="component-db", title="Orders", body="**Technology:** PostgreSQL", position=3001),
        "summary": Section(
            slug="summary", title="Summary", position=1000,
            body="A shop. <script>alert(1)</script> [x](javascript:alert(1)) ![y](http://evil.example/z.png)",
        ),
    },
)  # fmt: skip


def test_markdown_holds_the_drawing_and_the_sections_in_their_order() -> None:
    text = write(DIAGRAM, "markdown").decode()
    assert text.startswith("# Shop <1>\n\n```mermaid\n---\ntitle:")
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == ["# Shop <1>", "## Summary", "### Orders", "## Data flow"]


def test_html_is_one_page_that_runs_nothing_and_loads_nothing() -> None:
    page = write(DIAGRAM, "html").decode()
    assert "<title>Shop &lt;1&gt;</title>" in page and 'data-id="db"' in page
    assert "<script" not in page and "&lt;script&gt;" in page
    assert 'href="javascript' not in page and "<img" not in page
    assert [page.index(title) for title in ('id="summary"', 'id="component-db"', 'id="data-flow"')] == sorted(
        page.index(title) for title in ('id="summary"', 'id="component-db"', 'id="data-flow"')
    )


def test_a_diagram_without_a_document_is_still_a_page() -> None:
    empty = Diagram(title="Empty")
    assert b"<nav>" not in write(empty, "html") and write(empty, "markdown").startswith(b"# Empty")
