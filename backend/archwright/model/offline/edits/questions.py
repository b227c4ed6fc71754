"""Questions about the diagram, answered from it in words."""

import re

from archwright.diagram.lint import lint
from archwright.diagram.model import Node
from archwright.model.offline.edits.draft import Draft, NotUnderstood, Unclear
from archwright.model.offline.edits.names import some
from archwright.model.offline.edits.words import enumerated

_QUESTION = re.compile(
    r"^\W*(?:what|why|how|who|which|where|when|is|are|does|do|explain|describe|tell me|summari[sz]e|list|show me)\b", re.IGNORECASE
)  # fmt: skip
_ABOUT = re.compile(
    r"(?:what (?:does|is|are|do)|why (?:do (?:we|you) (?:need|use|have)|is there|are there|did you (?:choose|pick|add|use))?|how does|"
    r"explain|describe|tell me about|who (?:uses|calls)|what (?:uses|calls|depends on))\s+(.+?)"
    r"(?:\s+(?:do|does|work|for|used for|here|there|needed))*\??$", re.IGNORECASE,
)  # fmt: skip


def is_question(text: str) -> bool:
    """Whether a text asks for words and not for a change."""
    polite = re.match(r"^\W*(?:could|can|would|will) (?:you|we)\b", text, re.IGNORECASE)
    return (bool(_QUESTION.match(text)) and not polite) or (text.rstrip().endswith("?") and not polite)


def answer(draft: Draft, text: str) -> str:
    """Return an answer from what the diagram says."""
    if re.search(
        r"single points? of failure|weak(?:ness|nesses| points?)|problems?|wrong|improve|review|check|missing|issues?",
        text,
        re.IGNORECASE,
    ):
        return _review(draft)
    match = _ABOUT.search(text.strip())
    nodes = _named(draft, match[1]) if match else []
    if not nodes and draft.focus:
        nodes = [draft.node(i) for i in draft.focus if i in draft.diagram.nodes]
    if nodes:
        return "\n\n".join(_told(draft, node) for node in nodes[:4])
    return _whole(draft)


def _named(draft: Draft, phrase: str) -> list[Node]:
    try:
        return [draft.node(i) for i in some(draft, phrase)]
    except (Unclear, NotUnderstood):
        return []


def _told(draft: Draft, node: Node) -> str:
    made = f" It is made with {node.technology}." if node.technology else ""
    into = [f"{draft.label(e.source)} ({e.label or e.kind})" for e in draft.into(node.id)]
    out = [f"{draft.label(e.target)} ({e.label or e.kind})" for e in draft.out_of(node.id)]
    parts = [f"{node.label} is a {node.type}.{made}", node.description]
    parts += [f"It is reached by {enumerated(into[:6])}."] if into else []
    parts += [f"It leads to {enumerated(out[:6])}."] if out else []
    return " ".join(part for part in parts if part)


def _whole(draft: Draft) -> str:
    leaves = draft.leaves()
    if not leaves:
        return "The diagram is empty. Describe a system, and I draw it."
    kinds = {n.type: [m.label for m in leaves if m.type == n.type] for n in leaves}
    lines = "\n".join(f"- {kind}: {enumerated(labels[:6])}" for kind, labels in kinds.items())
    return f"{draft.diagram.title or 'The diagram'} has {len(leaves)} components and {len(draft.diagram.edges)} connections:\n{lines}"


def _review(draft: Draft) -> str:
    findings = lint(draft.diagram)
    if not findings:
        return "I find nothing to object to: everything is connected and labelled, and nothing that many depend on stands alone."
    return "What a reviewer would say:\n" + "\n".join(f"- {finding.message}" for finding in findings[:10])
