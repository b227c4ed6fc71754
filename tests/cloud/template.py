"""template.yaml as data, for what tests assert of it."""

from functools import cache
from typing import Any

import yaml
from deploy.packages import ROOT

FUNCTIONS = ("ApiFunction", "WorkerFunction", "SweeperFunction", "DeadLetterFunction")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, which become `{"!Name": value}`."""


def _short(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            return {f"!{suffix}": loader.construct_scalar(node)}
        case yaml.SequenceNode():
            return {f"!{suffix}": loader.construct_sequence(node, deep=True)}
    return {f"!{suffix}": loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short)


@cache
def template() -> Any:
    return yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), _Loader)


def properties(name: str) -> Any:
    return template()["Resources"][name]["Properties"]


def statements(name: str) -> list[Any]:
    """The statements of a function's policy, those behind a condition too."""
    found = properties(name)["Policies"][0]["Statement"]
    return [one["!If"][1] if "!If" in one else one for one in found]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resources(kind: str) -> dict[str, Any]:
    """The properties of every resource of a kind, by its name."""
    found = template()["Resources"].items()
    return {name: one.get("Properties", {}) for name, one in found if one["Type"] == kind}
