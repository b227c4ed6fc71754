"""Random but meaningful ops for property tests: mostly valid, on ids that mostly exist."""

from hypothesis import strategies as st

from archwright.diagram.apply import apply_op
from archwright.diagram.model import Diagram
from archwright.diagram.ops import OpInput, op_input_adapter
from archwright.errors import OpRefused

IDS = tuple("abcdefgh")
GROUPS = ("g1", "g2", "g3")
SLUGS = ("summary", "risks", "scale")

words = st.text("abcdefghij xyzäß", min_size=1, max_size=12).map(lambda s: s.strip() or "x")
nodes = st.sampled_from(IDS + GROUPS)
parents = st.none() | st.sampled_from(GROUPS)
points = st.fixed_dictionaries({"x": st.integers(-500, 500), "y": st.integers(-500, 500)})
kinds = st.sampled_from(["request", "async", "data"])
properties = st.dictionaries(st.sampled_from(["owner", "tier"]), st.integers(0, 3) | words, max_size=2)

_added = st.one_of(
    st.fixed_dictionaries(
        {"id": st.sampled_from(IDS), "label": words, "type": st.sampled_from(["service", "database"])},
        optional={"parent": parents, "position": points, "technology": words, "properties": properties},
    ),
    st.fixed_dictionaries(
        {"id": st.sampled_from(GROUPS), "label": words, "type": st.just("group")}, optional={"parent": parents}
    ),
)
_node_set = st.fixed_dictionaries(
    {},
    optional={
        "label": words,
        "technology": words,
        "parent": parents,
        "position": points,
        "properties": properties,
        "type": st.sampled_from(["cache", "group"]),
    },
)
_edge = st.fixed_dictionaries(
    {"source": nodes, "target": nodes}, optional={"id": st.sampled_from(["e1", "e2"]), "label": words, "kind": kinds}
)
_edge_ids = st.sampled_from(["e1", "e2"]) | st.builds("{}--{}".format, nodes, nodes)
_edge_set = st.fixed_dictionaries({}, optional={"label": words, "kind": kinds, "source": nodes, "target": nodes})


def _op(name: str, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[OpInput]:
    return st.fixed_dictionaries({"op": st.just(name), **fields}).map(op_input_adapter.validate_python)


op_inputs: st.SearchStrategy[OpInput] = st.one_of(
    _op("add_node", node=_added),
    _op("add_node", node=_added),
    _op("update_node", id=nodes, set=_node_set),
    _op("delete_node", id=nodes),
    _op("add_edge", edge=_edge),
    _op("add_edge", edge=_edge),
    _op("update_edge", id=_edge_ids, set=_edge_set),
    _op("delete_edge", id=_edge_ids),
    _op("set_section", slug=st.sampled_from(SLUGS), title=words, body=words),
    _op("delete_section", slug=st.sampled_from(SLUGS)),
    _op("set_title", title=words),
)


def apply_what_holds(diagram: Diagram, ops: list[OpInput]) -> Diagram:
    """Apply the ops one by one and leave out those that are refused."""
    for op in ops:
        try:
            diagram = apply_op(diagram, op)
        except OpRefused:
            continue
    return diagram


diagrams: st.SearchStrategy[Diagram] = st.lists(op_inputs, max_size=40).map(
    lambda ops: apply_what_holds(Diagram(), ops)
)
