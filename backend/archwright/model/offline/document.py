"""The design document by rules: what the diagram says, in sentences, a few sections a turn."""

from collections import Counter
from collections.abc import Sequence

from archwright.diagram.document import node_of
from archwright.diagram.lint import lint
from archwright.diagram.model import Diagram, Edge, Node
from archwright.model.offline.conversation import Conversation, OfflineReply, calling, spoken

_A_TURN = 4
_TOOL = "update_document_section"
_ENTRY = ("user", "client", "web", "mobile", "external")
_STORES = ("database", "cache", "storage", "search", "vectordb", "warehouse", "queue", "stream")
_VERBS = {
    "request": "calls", "async": "sends to", "data": "reads or writes", "replication": "replicates to",
    "depends": "depends on",
}  # fmt: skip
_FAILS = {
    "database": "Requests that need it fail. Keep a standby in another zone, back it up, and test the restore.",
    "cache": "Reads fall through to what lies behind it, which must bear the load. Warm it up slowly.",
    "queue": "Work is not taken or not done. Producers retry with a limit; a dead-letter queue keeps what fails.",
    "stream": "Events wait at their producers. Consumers must bear to see an event twice.",
    "gateway": "Nothing behind it can be reached. Run at least two instances in different zones.",
    "loadbalancer": "Nothing behind it can be reached. Use a managed one, or two with a floating address.",
    "external": "It is not ours to mend. Time out early, break the circuit, and show what still works.",
    "worker": "Its work piles up. Watch the age of the oldest item and start more instances.",
    "storage": "Files cannot be read or written. Versioning and replication guard against loss.",
}
_ANY_FAILURE = "Callers see errors. Run more than one instance, time out, and retry with backoff."


def write_document(conversation: Conversation) -> OfflineReply:
    """Return the next sections of those that are asked for; the last reply has no calls."""
    done = {str(call.input.get("slug")) for turn in conversation.turns for call in turn.calls}
    left = [(slug, title) for slug, title in conversation.sections if slug not in done]
    if not left:
        count = len(conversation.sections)
        return spoken(
            f"I wrote {count} {'section' if count == 1 else 'sections'} of the design document from the diagram."
        )
    calls = [
        (_TOOL, {"slug": slug, "title": title, "body": _body(slug, conversation)})
        for slug, title in left[:_A_TURN]
    ]  # fmt: skip
    opening = "" if conversation.turns else "I write the design document from what the diagram says."
    return calling(conversation, opening, calls)


def _body(slug: str, conversation: Conversation) -> str:
    body = body_of(slug, conversation.diagram)
    if slug != "open-questions" or not conversation.assumptions:
        return body
    return "\n".join(
        [
            body,
            "",
            "What is assumed as long as nobody says otherwise:",
            "",
            *(f"- {one}" for one in conversation.assumptions),
        ]
    )


def body_of(slug: str, diagram: Diagram) -> str:
    """Return a section's text, in markdown."""
    node = node_of(slug, diagram)
    if node is not None:
        return _component(node, diagram)
    write = {
        "summary": _summary, "goals": _goals, "components": _components, "data-flow": _flow,
        "failure-modes": _failures, "security": _security, "trade-offs": _trade_offs, "phases": _phases,
        "open-questions": _questions,
    }.get(slug)  # fmt: skip
    return write(diagram) if write else "Nothing is known about this from the diagram."


def _parts(diagram: Diagram) -> list[Node]:
    return [node for node in diagram.nodes.values() if node.type != "group"]


def _named(nodes: Sequence[Node]) -> str:
    names = [f"{node.label}" for node in nodes]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}" if names else "nothing"


def _with_technology(node: Node) -> str:
    return f"{node.label} ({node.technology})" if node.technology else node.label


def _summary(diagram: Diagram) -> str:
    parts = _parts(diagram)
    entries = [node for node in parts if node.type in _ENTRY]
    stores = [node for node in parts if node.type in _STORES]
    text = f"{diagram.title or 'The system'} consists of {len(parts)} components with {len(diagram.edges)} connections."
    if entries:
        text += f" It is used through {_named(entries)}."
    if stores:
        text += f" Its data lies in {_named(stores)}."
    kinds = Counter(edge.kind for edge in diagram.edges.values())
    if kinds["async"]:
        text += f" {kinds['async']} of the connections are asynchronous, so that their callers do not wait."
    return text


def _goals(diagram: Diagram) -> str:
    return (
        "What the diagram does not say has to be agreed:\n\n- users and requests at the peak\n- how much data, and how "
        "fast it grows\n- how long a request may take (p99)\n- how long an outage may last (RTO) and how much data may "
        "be lost (RPO)\n- what it may cost a month"
    )


def _components(diagram: Diagram) -> str:
    rows = [f"| {node.label} | {node.type} | {node.technology or '–'} |" for node in _parts(diagram)]
    groups = [node for node in diagram.nodes.values() if node.type == "group"]
    lines = ["| Component | Kind | Technology |", "|---|---|---|", *rows]
    for group in groups:
        members = [node.label for node in diagram.children(group.id)]
        lines += ["", f"**{group.label}** holds {', '.join(members) or 'nothing yet'}."]
    return "\n".join(lines)


def _component(node: Node, diagram: Diagram) -> str:
    lines = [
        node.description or f"{node.label} is a {node.type} of the system.",
        "",
        f"**Technology:** {node.technology or 'open'}",
    ]
    out = [edge for edge in diagram.touching(node.id) if edge.source == node.id]
    into = [edge for edge in diagram.touching(node.id) if edge.target == node.id]
    if into:
        lines += ["", "**Used by**", "", *(f"- {_end(diagram, e.source)}: {e.label or e.kind}" for e in into)]
    if out:
        lines += ["", "**Uses**", "", *(f"- {_end(diagram, e.target)}: {e.label or e.kind}" for e in out)]
    return "\n".join(lines)


def _end(diagram: Diagram, node_id: str) -> str:
    return diagram.nodes[node_id].label


def _flow(diagram: Diagram) -> str:
    if not diagram.edges:
        return "Nothing is connected yet."
    return "\n".join(f"{n}. {_sentence(diagram, edge)}" for n, edge in enumerate(diagram.edges.values(), start=1))


def _sentence(diagram: Diagram, edge: Edge) -> str:
    label = f": {edge.label}" if edge.label else ""
    return f"**{_end(diagram, edge.source)}** {_VERBS[edge.kind]} **{_end(diagram, edge.target)}**{label}"


def _failures(diagram: Diagram) -> str:
    lines = [
        f"- **{node.label}**: {_FAILS.get(node.type, _ANY_FAILURE)}"
        for node in _parts(diagram) if node.type not in ("user", "client", "web", "mobile")
    ]  # fmt: skip
    single = [finding.message for finding in lint(diagram) if finding.rule == "single-point-of-failure"]
    return "\n".join(
        [*lines, *(["", "Single points of failure:", ""] if single else []), *(f"- {one}" for one in single)]
    )


def _security(diagram: Diagram) -> str:
    parts = _parts(diagram)
    entries = [node for node in parts if node.type in _ENTRY]
    auth = [node for node in parts if node.type == "auth"]
    stores = [node for node in parts if node.type in _STORES]
    lines = [
        f"- People and programs come in through {_named(entries)}; all of it over TLS.",
        f"- Who calls is established by {_named(auth)}."
        if auth
        else "- Nothing establishes who calls yet: decide where.",
    ]
    if stores:
        lines.append(f"- {_named(stores)} are encrypted at rest and can be reached from inside alone.")
    lines.append("- Secrets lie in a secret store; each component may do only what its connections need.")
    return "\n".join(lines)


def _trade_offs(diagram: Diagram) -> str:
    chosen = [node for node in _parts(diagram) if node.technology and node.type in _STORES]
    lines = [
        f"- **{_with_technology(node)}**: settled on as the {node.type}; weigh it against a managed service."
        for node in chosen
    ]
    asynchronous = [edge for edge in diagram.edges.values() if edge.kind == "async"]
    if asynchronous:
        lines.append(
            "- Asynchronous connections let parts fail alone; the price is that data is consistent only later."
        )
    return "\n".join(lines) or "- No choice in the diagram has been weighed against another yet."


def _phases(diagram: Diagram) -> str:
    parts = _parts(diagram)
    core = [n for n in parts if n.type not in ("cache", "monitoring", "search", "warehouse", "worker", "ml", "cdn")]
    later = [n for n in parts if n not in core]
    lines = [f"1. **Walking skeleton**: {_named(core[:8])}."]
    if core[8:]:
        lines.append(f"2. **The rest of the core**: {_named(core[8:])}.")
    if later:
        lines.append(f"{len(lines) + 1}. **Speed and sight**: {_named(later)}.")
    lines.append(f"{len(lines) + 1}. **Hardening**: load tests, failure drills, backups that were restored.")
    return "\n".join(lines)


def _questions(diagram: Diagram) -> str:
    bare = [node for node in _parts(diagram) if not node.technology and node.type not in ("user", "external")]
    found = [finding.message for finding in lint(diagram) if finding.rule != "single-point-of-failure"][:10]
    lines = [f"- Which technology is {node.label}?" for node in bare[:10]] + [f"- {message}" for message in found]
    return "\n".join([*lines, "- Load, budget and availability are assumed to be ordinary; see Goals and scale."])
