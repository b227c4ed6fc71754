"""The weight of a diagram is never less than its JSON takes."""

import orjson
from hypothesis import given

from archwright.diagram.model import Diagram
from archwright.diagram.weight import elements_of, weight, weight_of
from tests.diagram.strategies import diagrams


@given(diagrams)
def test_an_element_weighs_at_least_its_json(diagram: Diagram) -> None:
    for element in elements_of(diagram):
        assert weight_of(element) >= len(orjson.dumps(element.model_dump(mode="json")))
    assert weight(diagram) == sum(map(weight_of, elements_of(diagram)))
