"""The effect of a change on each element: the same as a fold's, from whatever moment each element was read at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.diagram.change import Change
from archwright.diagram.core import diff, fold
from archwright.diagram.model import Diagram, Section
from archwright.diagram.ops import DeleteNode, DeleteSection, Op, OpInput, SetSection, SetTitle, UpdateNode
from archwright.errors import OpRefused
from archwright.store.dynamodb.effects import (
    EDGE,
    NODE,
    SECTION,
    Effect,
    Element,
    Gone,
    Patch,
    Place,
    Put,
    effects_of,
    replay,
)
from archwright.store.dynamodb.elements import diagram_of
from tests.builders import a_change, a_node, adds, an_edge
from tests.diagram.strategies import apply_what_holds, op_inputs

batches = st.lists(op_inputs, max_size=12)


def logged(log: list[list[OpInput]]) -> tuple[list[Diagram], list[Change]]:
    """The diagram at each version, and the changes that led there."""
    diagrams, changes = [Diagram(title="Shop")], []
    for version, ops in enumerate(log, start=1):
        after = apply_what_holds(diagrams[-1], ops)
        changes.append(a_change(version, diff(diagrams[-1], after)))
        diagrams.append(after)
    return diagrams, changes


def ordered(diagram: Diagram) -> tuple[object, ...]:
    return diagram, list(diagram.nodes), list(diagram.edges), list(diagram.sections)


@given(st.lists(batches, max_size=6), st.data())
def test_elements_read_at_any_moments_are_brought_to_one_version(log: list[list[OpInput]], data: st.DataObject) -> None:
    _, changes = logged(log)
    first = data.draw(st.integers(0, len(changes)), "the version at the first look")
    stored: list[dict[Place, Element]] = [{}]
    for change in changes:
        stored.append({place: Element(e.version, e.created, e.body) for place, e in stored[-1].items()})
        replay(stored[-1], [change])
    places = sorted({place for elements in stored for place in elements})
    read = {}
    for place in places:
        moment = data.draw(st.integers(first, len(changes)), f"when {place} was read")
        if place in stored[moment]:
            read[place] = stored[moment][place]
    final = fold(Diagram(title="Shop"), (op for change in changes for op in change.ops))
    assert ordered(diagram_of(final.title, read, changes[first:])) == ordered(final)


@given(st.lists(batches, max_size=6))
def test_the_counts_move_with_the_elements(log: list[list[OpInput]]) -> None:
    diagrams, changes = logged(log)
    for before, after, change in zip(diagrams, diagrams[1:], changes, strict=False):
        effects = effects_of(change)
        assert effects.moved(NODE) == len(after.nodes) - len(before.nodes)
        assert effects.moved(EDGE) == len(after.edges) - len(before.edges)
        assert effects.moved(SECTION) == len(after.sections) - len(before.sections)


def test_ops_on_one_element_come_to_one_effect() -> None:
    api, edge = a_node("api"), an_edge("api", "api")
    rename = UpdateNode(id="api", set={"label": "B"}, before={"label": "Api"})
    move = UpdateNode(id="api", set={"position": {"x": 1, "y": 2}}, before={"position": {"x": 0, "y": 0}})
    added = {**api.model_dump(mode="json"), "label": "B"}
    delete = DeleteNode(id="api", before=api)
    cases: list[tuple[tuple[Op, ...], Effect]] = [
        ((*adds(api), rename), Put(added, 3_000_000)),
        ((rename, move), Patch({"label": "B", "position": {"x": 1, "y": 2}})),
        ((rename, delete), Gone(existed=True)),
        ((*adds(api), delete), Gone(existed=False)),
        ((delete, *adds(api), rename), Put(added, 3_000_001, existed=True)),
        ((delete, *adds(api), delete), Gone(existed=True)),
    ]
    for ops, effect in cases:
        assert effects_of(a_change(3, ops)).elements == {(NODE, "api"): effect}
    assert set(effects_of(a_change(1, [*adds(api, edge)])).elements) == {(NODE, "api"), (EDGE, edge.id)}


def test_a_section_is_put_when_new_and_patched_when_not() -> None:
    section = Section(slug="risks", title="Risks")
    fields = {"slug": "risks", "title": "Risks", "body": "Some", "position": 1}
    new = SetSection(**fields, before=None)
    changed = SetSection(**fields, before=section)
    place = (SECTION, "risks")
    assert effects_of(a_change(1, [new])).elements == {place: Put(fields, 1_000_000)}
    assert effects_of(a_change(1, [changed])).elements == {place: Patch(fields)}
    again: list[Op] = [DeleteSection(slug="risks", before=section), new]
    assert effects_of(a_change(1, again)).elements == {place: Put(fields, 1_000_001, existed=True)}


def test_the_last_title_counts() -> None:
    effects = effects_of(a_change(1, [SetTitle(title="A", before="Shop"), SetTitle(title="B", before="A")]))
    assert (effects.title, effects.elements) == ("B", {})


def test_an_op_on_what_its_own_change_deleted_is_refused() -> None:
    rename = UpdateNode(id="api", set={"label": "B"}, before={"label": "Api"})
    with pytest.raises(OpRefused):
        effects_of(a_change(1, [DeleteNode(id="api", before=a_node("api")), rename]))
