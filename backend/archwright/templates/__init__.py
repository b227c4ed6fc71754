"""Diagrams to start from: one file of the JSON format a template, named by its stem."""

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.resources import files

from archwright.diagram.model import Diagram
from archwright.formats import read_json


@cache
def templates() -> Mapping[str, Callable[[], Diagram]]:
    """Return every template by its name; a diagram is read when it is asked for."""
    found = sorted(file.name for file in files(__package__).iterdir() if file.name.endswith(".json"))
    return {name.removesuffix(".json"): partial(_read, name) for name in found}


@cache
def _read(name: str) -> Diagram:
    return read_json(json.loads(files(__package__).joinpath(name).read_bytes()))
