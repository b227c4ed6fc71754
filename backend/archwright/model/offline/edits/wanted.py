"""The components that a request to add names: those that are there, and new ones."""

import re
from dataclasses import replace

from archwright.diagram.model import Node
from archwright.model.offline.edits import placing
from archwright.model.offline.edits.draft import Draft, NotUnderstood, cloud_of
from archwright.model.offline.edits.links import STORES
from archwright.model.offline.edits.names import some, with_shared_head
from archwright.model.offline.edits.parts import Part, part
from archwright.model.offline.edits.words import bare, enumerated, listed, mask, stems, unmask

_REASON = re.compile(
    r",?\s+(?:to|for|so that|so|in order|because|when|since|as|which|that|where|using)\s", re.IGNORECASE
)
NEW = re.compile(r"^(?:an?|another|one more|second|new|\d+|two|three|four|five|additional|extra|more)\b", re.IGNORECASE)
_GENERIC_END = re.compile(
    r"\s+(?:services?|microservices?|apis?|servers?|workers?|apps?|backend|functions?)$", re.IGNORECASE
)


def new_parts(draft: Draft, phrase: str) -> list[Part]:
    """Return the components that a noun phrase lists. Raises NotUnderstood when there is none."""
    cloud = cloud_of(draft.diagram)
    parts = [part(p, cloud) for p in with_shared_head(listed(phrase))]
    found = [p for p in parts if p is not None]
    if not found:
        raise NotUnderstood(f'It is not clear what to add from "{phrase.strip()}".')
    return found


def nodes_for(draft: Draft, phrase: str, near: list[str], purpose: str = "") -> list[Node]:
    """The nodes for a noun phrase: those that exist under this very name, or new ones."""
    made: list[Node] = []
    for item in with_shared_head(listed(phrase)):
        known = None if NEW.match(item.strip()) else named_so(draft, item)
        if known is not None and known.id not in near:
            made.append(known)
            continue
        for wanted in new_parts(draft, item):
            made += placing.draw(draft, _named_after(draft, wanted, near), near, purpose=purpose)
    draft.it = tuple(node.id for node in made)
    return made


def named_so(draft: Draft, phrase: str) -> Node | None:
    words = stems(bare(phrase))
    return next((n for n in draft.diagram.nodes.values() if words and stems(n.label) == words), None)


def _named_after(draft: Draft, wanted: Part, near: list[str]) -> Part:
    """Call a mere "cache" for the order service "Order cache"."""
    if not wanted.bare_kind or wanted.type not in STORES or len(near) != 1 or draft.node(near[0]).type in STORES:
        return wanted
    return replace(wanted, label=f"{owner_name(draft.label(near[0]))} {wanted.label[:1].lower()}{wanted.label[1:]}")


def owner_name(label: str) -> str:
    """Return "Order" for "Order service"."""
    return _GENERIC_END.sub("", label) if _GENERIC_END.search(label) else label


def say_added(draft: Draft, nodes: list[Node], where: str) -> None:
    fresh = [node for node in nodes if any(c.name == "add_node" and c.input["id"] == node.id for c in draft.calls)]
    if fresh:
        draft.say(f"Added {enumerated([node.label for node in fresh])}{where}.")
    elif nodes:
        draft.say(f"Placed {enumerated([node.label for node in nodes])}{where}.")


def known_part(draft: Draft, phrase: str) -> list[str]:
    """Return what a phrase means, leaving off a reason after it: "B to smooth peaks" is B. Empty for nothing."""
    found = some(draft, phrase)
    cuts = [match.start() for match in _REASON.finditer(phrase)]
    return found or next((ids for cut in reversed(cuts) if (ids := some(draft, phrase[:cut]))), [])


def purpose_of(phrase: str) -> tuple[str, str]:
    """Split "a bucket for invoices" into what is wanted and what for."""
    masked, quotes = mask(phrase)
    match = re.match(r"^(.+?),?\s+(?:for|to|so that|that|which)\s+(.+)$", masked, re.IGNORECASE)
    return (unmask(match[1], quotes), unmask(match[2], quotes)) if match else (phrase, "")
