"""The algebra of the log, and the rules that every sequence of ops keeps."""

from hypothesis import given
from hypothesis import strategies as st

from archwright.diagram.apply import apply_op
from archwright.diagram.core import diff, fold, invert
from archwright.diagram.model import NESTING_MAX, Diagram, Node
from archwright.diagram.ops import OpInput, ops_adapter
from archwright.errors import OpRefused

from .strategies import apply_what_holds, diagrams, op_inputs


def is_valid(diagram: Diagram) -> bool:
    parents_are_groups = all(
        n.parent is None or diagram.nodes[n.parent].type == "group" for n in diagram.nodes.values()
    )
    ends_exist = all(e.source in diagram.nodes and e.target in diagram.nodes for e in diagram.edges.values())
    keys_are_ids = all(key == n.id for key, n in diagram.nodes.items())
    keys_are_ids &= all(key == e.id for key, e in diagram.edges.items())
    return parents_are_groups and ends_exist and keys_are_ids and all(nests(diagram, n) for n in diagram.nodes.values())


def nests(diagram: Diagram, node: Node) -> bool:
    depth, parent = 0, node.parent
    while parent is not None and depth <= NESTING_MAX:
        depth, parent = depth + 1, diagram.nodes[parent].parent
    return depth <= NESTING_MAX


@given(st.lists(op_inputs, max_size=60))
def test_any_sequence_of_ops_leaves_a_valid_diagram(ops: list[OpInput]) -> None:
    assert is_valid(apply_what_holds(Diagram(), ops))


@given(diagrams, diagrams)
def test_folding_a_difference_leads_from_one_diagram_to_the_other(a: Diagram, b: Diagram) -> None:
    assert fold(a, diff(a, b)) == b


@given(diagrams, diagrams)
def test_folding_the_inverse_of_a_difference_leads_back(a: Diagram, b: Diagram) -> None:
    ops = diff(a, b)
    assert fold(fold(a, ops), invert(ops)) == a
    assert invert(invert(ops)) == ops


@given(diagrams)
def test_a_diagram_differs_from_itself_by_nothing(diagram: Diagram) -> None:
    assert diff(diagram, diagram) == ()


@given(diagrams, diagrams)
def test_recorded_ops_survive_json_word_for_word(a: Diagram, b: Diagram) -> None:
    ops = diff(a, b)
    assert ops_adapter.validate_json(ops_adapter.dump_json(ops)) == ops


@given(diagrams, diagrams)
def test_a_fold_of_plain_dictionaries_that_knows_nothing_gives_the_same_nodes_and_edges(a: Diagram, b: Diagram) -> None:
    nodes = {n.id: n.model_dump(mode="json") for n in a.nodes.values()}
    edges = {e.id: e.model_dump(mode="json") for e in a.edges.values()}
    for op in (op.model_dump(mode="json") for op in diff(a, b)):
        elements = nodes if op["op"].endswith("_node") else edges
        match op["op"].split("_")[0]:
            case "add" if "node" in op or "edge" in op:
                added = op.get("node") or op["edge"]
                elements[added["id"]] = added
            case "update":
                elements[op["id"]] = {**elements[op["id"]], **op["set"]}
            case "delete" if "id" in op:
                del elements[op["id"]]
    assert nodes == {n.id: n.model_dump(mode="json") for n in b.nodes.values()}
    assert edges == {e.id: e.model_dump(mode="json") for e in b.edges.values()}


def touched(op: OpInput, diagram: Diagram) -> set[str]:
    """Everything that an op reads or writes, widely drawn."""
    data = op.model_dump()
    flat = [data, data.get("node") or {}, data.get("edge") or {}, data.get("set") or {}]
    names = {str(part[key]) for part in flat for key in ("id", "source", "target", "parent", "slug") if part.get(key)}
    names |= {"title"} if op.op == "set_title" else set()
    names |= {"sections"} if "section" in op.op else set()
    return names | {e.id for n in names for e in diagram.touching(n)} | related(names, diagram)


def related(names: set[str], diagram: Diagram) -> set[str]:
    groups = {g.id for n in names if n in diagram.nodes for g in diagram.ancestors(n)}
    inside = {n.id for n in diagram.nodes.values() if names & {g.id for g in diagram.ancestors(n.id)}}
    ends = {end for n in names if n in diagram.edges for end in (diagram.edges[n].source, diagram.edges[n].target)}
    return groups | inside | ends | {e.id for n in inside for e in diagram.touching(n)}


@given(diagrams, op_inputs, op_inputs)
def test_ops_on_unrelated_elements_commute(diagram: Diagram, first: OpInput, second: OpInput) -> None:
    if touched(first, diagram) & touched(second, diagram):
        return
    try:
        one_way = apply_op(apply_op(diagram, first), second)
        other_way = apply_op(apply_op(diagram, second), first)
    except OpRefused:
        return
    assert one_way == other_way
