"""How the commands of a long request are cut into steps, and which steps wait for which."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from archwright.diagram.apply import slug
from archwright.model.offline.conversation import Conversation
from archwright.model.offline.edits import clauses
from archwright.model.offline.edits.commands import bare_clause, is_command, obey
from archwright.model.offline.edits.draft import Draft, NotUnderstood, Unclear
from archwright.model.offline.edits.words import capital, stems

STEPS_MIN, STEPS_MAX = 3, 10
_TITLE_MAX = 60
_ID_MAX = 40
_LEAD = re.compile(r"^(?:please\s+)?(?P<verb>add|create|introduce|remove|delete)\b[^:]*:\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """`made` are the nodes that it adds, with their labels; `changed` those that it changes or removes; `used`
    those that it connects to."""

    text: str
    made: dict[str, str]
    changed: frozenset[str]
    used: frozenset[str]

    @property
    def touched(self) -> frozenset[str]:
        return self.changed | self.used | self.made.keys()


@dataclass
class _Step:
    commands: list[Command] = field(default_factory=list)

    @property
    def made(self) -> dict[str, str]:
        return {node_id: label for command in self.commands for node_id, label in command.made.items()}

    @property
    def changed(self) -> frozenset[str]:
        return frozenset(node_id for command in self.commands for node_id in command.changed)


def steps(conversation: Conversation) -> list[dict[str, Any]]:
    """Return the steps of a plan, three to ten, as `write_plan` takes them: each task is the text of its commands,
    and a step waits for those that add or change what it speaks of."""
    grouped = _grouped(_commands(conversation))
    ids = _ids(grouped)
    return [
        {
            "id": ids[at],
            "title": _title(step),
            "task": "\n".join(command.text for command in step.commands),
            "after": [ids[before] for before in range(at) if _waits(step, grouped[before])],
        }
        for at, step in enumerate(grouped)
    ]


def _commands(conversation: Conversation) -> list[Command]:
    """Every command with what it does, found by doing it on a draft."""
    draft, found = Draft(conversation.diagram, focus=conversation.focus), list[Command]()
    for text in commands_of(conversation.request, listed=bool(conversation.diagram.nodes)):
        trial = draft.copy()
        try:
            understood = obey(trial, text)
        except (NotUnderstood, Unclear):
            understood = False
        calls = trial.calls[len(draft.calls) :] if understood else []
        if understood:
            draft.adopt(trial)
        found.append(_command(text, draft, [(call.name, call.input) for call in calls]))
    return found


def commands_of(text: str, listed: bool) -> list[str]:
    """Return the commands of a text, without what only leads up to them ("Build a shop as follows:").

    `listed` reads the items under "Add these services:" as commands too.
    """
    found, verb = list[str](), ""
    for at, clause in enumerate(clauses(text)):
        lead = _LEAD.match(clause) if listed else None
        if lead is not None:
            verb = lead["verb"]
        elif is_command(clause):
            found, verb = [*found, clause], ""
        elif verb:
            found.append(f"{verb} {clause}")
        elif at and not clause.rstrip().endswith(":"):
            found.append(clause)
    return found


def _command(text: str, draft: Draft, calls: Sequence[tuple[str, dict[str, Any]]]) -> Command:
    made = {given["id"]: given["label"] for name, given in calls if name in ("add_node", "group_nodes")}
    changed = {given["id"] for name, given in calls if name in ("update_node", "delete_node", "ungroup")}
    used = {given[end] for name, given in calls if name == "add_edge" for end in ("source", "target")}
    used |= {given["parent"] for _, given in calls if given.get("parent")}
    used |= {member for _, given in calls for member in given.get("members", ())}
    edges = [
        draft.diagram.edges[given["id"]]
        for name, given in calls
        if name == "update_edge" and given["id"] in draft.diagram.edges
    ]
    used |= {end for edge in edges for end in (edge.source, edge.target)}
    return Command(text, made, frozenset(changed - made.keys()), frozenset(used - made.keys()))


def _grouped(commands: Sequence[Command]) -> list[_Step]:
    """Neighbours that speak of the same node or build on each other together, in no more than STEPS_MAX steps and,
    where there are as many commands, no fewer than STEPS_MIN."""
    most = max(2, math.ceil(len(commands) / STEPS_MIN))
    found = list[_Step]()
    for command in commands:
        if found and len(found[-1].commands) < most and _belongs(command, found[-1]):
            found[-1].commands.append(command)
        else:
            found.append(_Step([command]))
    while len(found) > STEPS_MAX:
        at = min(range(len(found) - 1), key=lambda i: len(found[i].commands) + len(found[i + 1].commands))
        found[at : at + 2] = [_Step([*found[at].commands, *found[at + 1].commands])]
    return found


def _belongs(command: Command, step: _Step) -> bool:
    last = step.commands[-1]
    if command.touched & (step.made.keys() | step.changed):
        return True
    return not command.touched or bool(not command.made and not last.made and command.used & last.used)


def _waits(step: _Step, before: _Step) -> bool:
    """Whether a step speaks of what another adds or changes, or changes what another speaks of."""
    if any(step.changed & command.touched for command in before.commands):
        return True
    names = [set(stems(label)) for label in before.made.values()]
    touches = before.made.keys() | before.changed
    return any(
        command.touched & touches or any(name and name <= set(stems(command.text)) for name in names)
        for command in step.commands
    )


def _title(step: _Step) -> str:
    first = capital(bare_clause(step.commands[0].text).rstrip(".;,"))
    more = len(step.commands) - 1
    tail = f" and {more} more" if more else ""
    room = _TITLE_MAX - len(tail)
    return (first if len(first) <= room else f"{first[: room - 1].rstrip()}…") + tail


def _ids(grouped: Sequence[_Step]) -> list[str]:
    taken = dict[str, None]()
    for step in grouped:
        labels = list(step.made.values())
        words = labels[0] if labels else " ".join(bare_clause(step.commands[0].text).split()[:4])
        taken[slug(slug(words, {})[:_ID_MAX].strip("-"), taken)] = None
    return list(taken)
