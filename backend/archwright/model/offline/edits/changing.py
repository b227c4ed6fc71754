"""Requests that change what is there: replace, rename, technology, managed services, type, description, removal."""

import re
from typing import Any

from archwright.diagram.catalogue import Entry, find, managed, technology
from archwright.diagram.model import Node
from archwright.model.offline.edits.draft import Draft, NotUnderstood, cloud_named, cloud_of, technology_of
from archwright.model.offline.edits.lexicon import heads
from archwright.model.offline.edits.links import STORES
from archwright.model.offline.edits.matching import members
from archwright.model.offline.edits.names import many, one, some
from archwright.model.offline.edits.parts import Part, part, short_name, technology_named
from archwright.model.offline.edits.words import QUOTED, bare, capital, counted, enumerated, stems

_BACKENDS = frozenset({"service", "api", "server", "worker", "function", "ml"})
_DATA = STORES | {"queue", "stream"}
_RUNS_ON = {"aws": "aws-fargate", "gcp": "cloud-run", "azure": "azure-container-apps"}
_BY_TYPE = {
    "database": "postgresql", "cache": "redis", "queue": "rabbitmq", "stream": "kafka", "search": "elasticsearch",
    "storage": "minio", "gateway": "kong", "loadbalancer": "nginx", "auth": "keycloak", "monitoring": "prometheus",
    "scheduler": "airflow", "warehouse": "clickhouse", "dns": "bind",
}  # fmt: skip


def replace_with(draft: Draft, old: str, new: str) -> None:
    """Make nodes something else in place: they keep their ids, edges and positions.

    Raises NotUnderstood, Unclear.
    """
    if re.search(r"\bmanaged\b|\bhosted\b", new, re.IGNORECASE) and technology_named(new) is None:
        make_managed(draft, old, new)
        return
    ids = many(draft, old)
    wanted = part(new, cloud_of(draft.diagram))
    if wanted is None:
        raise NotUnderstood(f'It is not clear what "{new.strip()}" is.')
    for node_id in ids:
        become(draft, draft.node(node_id), wanted, new)
    draft.it = tuple(ids)


def become(draft: Draft, node: Node, wanted: Part, phrase: str) -> None:
    """Make a node what a part says, with no more changes than that needs."""
    before = node.label
    only_technology = technology_named(phrase) is not None or not wanted.known
    fields: dict[str, Any] = {"label": _label(node, wanted, only_technology)}
    if (wanted.technology and (technology_named(phrase) or find(phrase) or wanted.type != node.type)) or (
        not only_technology and node.technology and node.technology.casefold() in before.casefold()
    ):
        fields["technology"] = wanted.technology
    fits = only_technology and wanted.type in _BACKENDS | {"web", "mobile", "group"}
    if wanted.known and wanted.type != "group" and node.type != "group" and not (fits and wanted.type == "service"):
        fields["type"] = wanted.type
    if not draft.update_node(node.id, **fields):
        draft.say(f"{before} is that already, so nothing was changed.")
        return
    after = draft.node(node.id)
    what = (
        f"{after.label} ({after.technology})"
        if after.technology and after.technology not in after.label
        else after.label
    )
    draft.say(f"Replaced {before} with {what}." if after.label != before else f"{before} is now {after.technology}.")


def _label(node: Node, wanted: Part, only_technology: bool) -> str:
    """The new label: the old one with the technology in it exchanged, or the new part's own."""
    if not only_technology:
        return wanted.label
    mentions = find(node.label)
    if not wanted.known and not mentions:
        return wanted.label
    if mentions:
        first = mentions[0]
        return node.label[: first.start] + wanted.label + node.label[first.end :]
    return node.label


def rename(draft: Draft, phrase: str, name: str) -> None:
    """Give a node another label. Raises NotUnderstood, Unclear."""
    node = one(draft, phrase)
    label = name_in(name)
    if not label:
        raise NotUnderstood(f"It is not clear what to call {node.label}.")
    if draft.update_node(node.id, label=label):
        draft.say(f"Renamed {node.label} to {label}.")
    else:
        draft.say(f"{node.label} is called that already.")
    draft.it = (node.id,)


def name_in(text: str) -> str:
    """Return a name as a person gave it: without the quotes or the full stop, with a capital."""
    text = text.strip(" .,;:")
    name = text[1:-1].strip() if re.fullmatch(QUOTED, text) else capital(re.sub(r"^(?:just|simply|the)\s+", "", text))
    return name[:200]


def set_technology(draft: Draft, phrase: str, name: str) -> None:
    """Say what nodes are made with; a store's label follows when it names the old technology."""
    ids, entry = many(draft, phrase), technology_named(name)
    for node_id in ids:
        node = draft.node(node_id)
        label = _label(node, Part(short_of(name, entry), node.type), True) if entry and find(node.label) else node.label
        retyped = entry is not None and node.type in _DATA and entry.type in _DATA and entry.type != node.type
        fields = {"technology": entry.name if entry else name_in(name), "label": label}
        if draft.update_node(node_id, **fields, **({"type": entry.type} if entry and retyped else {})):
            draft.say(f"{node.label} now uses {fields['technology']}.")
        else:
            draft.say(f"{node.label} uses {fields['technology']} already.")
    draft.it = tuple(ids)


def short_of(name: str, entry: Entry | None) -> str:
    mentions = find(name)
    return short_name(name, mentions[0]) if mentions else entry.name if entry else name_in(name)


def runs_on(draft: Draft, phrase: str, where: str) -> bool:
    """Whether "on Atlas" says what nodes are made with, and not in which group they lie."""
    entry = technology_named(where)
    if entry is None or some(draft, where):
        return False
    nodes = [draft.node(i) for i in some(draft, phrase)]
    return bool(nodes) and all(node.type == entry.type and technology_fits(node, entry) for node in nodes)


def technology_fits(node: Node, entry: Entry) -> bool:
    """Whether a node can be made with a technology, so that "uses" means that and not a call."""
    if node.type in _DATA and entry.type in _DATA:
        return (
            node.type == entry.type
            or {node.type, entry.type} <= {"queue", "stream"}
            or node.type in ("database", "search")
        )
    if entry.category in (
        "back-end language",
        "back-end framework",
        "language-model framework",
        "compute",
        "hosting platform",
    ):
        return node.type in _BACKENDS | {"gateway", "web"}
    if entry.category in ("front-end framework", "mobile"):
        return node.type in ("web", "mobile", "client")
    return node.type == entry.type and node.type not in ("external", "service")


def make_managed(draft: Draft, phrase: str, wish: str = "") -> None:
    """Exchange technologies for services that a cloud runs: the one the wish names, or the diagram's."""
    ids = _serviceable(draft, _of_kind_wished(draft, many(draft, phrase), wish))
    cloud = cloud_named(wish) or cloud_of(draft.diagram)
    changed: list[str] = []
    for node_id in ids:
        node = draft.node(node_id)
        equivalent = managed_equivalent(node, cloud)
        if equivalent is not None and _set_managed(draft, node, equivalent):
            changed.append(f"{node.label} → {draft.node(node_id).technology or draft.label(node_id)}")
    draft.it = tuple(ids)
    if changed:
        draft.say(f"Moved to managed services: {', '.join(changed)}.")
    elif len(ids) == 1:
        made = draft.node(ids[0]).technology or draft.label(ids[0])
        draft.say(f"{draft.label(ids[0])} ({made}) is managed already, or no managed equivalent of it is known.")
    else:
        draft.say("Nothing was changed: all of it is managed already, or no managed equivalent is known.")


def _of_kind_wished(draft: Draft, ids: list[str], wish: str) -> list[str]:
    """Of "a managed database for the catalogue" the catalogue's database, unless the nodes meant are databases."""
    kind = heads().get(stems(re.sub(r"\b(?:fully |managed|hosted)\b", "", bare(wish), flags=re.IGNORECASE)))
    if kind is None or kind.type not in _DATA or any(draft.node(i).type == kind.type for i in ids):
        return ids
    near = [e.target for i in ids for e in draft.out_of(i) if draft.node(e.target).type == kind.type]
    return list(dict.fromkeys(near)) or ids


def _serviceable(draft: Draft, ids: list[str]) -> list[str]:
    """Every node meant; of everything, also the groups that a cloud can run."""
    every = len(ids) > 1 and set(ids) == {node.id for node in draft.leaves()}
    groups = [n.id for n in draft.diagram.nodes.values() if n.type == "group" and technology_of(n)] if every else []
    plain = {n.id for n in draft.leaves() if every and technology_of(n) is None and n.type not in _BY_TYPE}
    return [*(i for i in ids if i not in plain), *groups]


def managed_equivalent(node: Node, cloud: str | None) -> Entry | None:
    """Return the service that would run a node; None when it is run already or none is known."""
    entry = technology_of(node)
    if entry is None:
        default = _BY_TYPE.get(node.type)
        return managed(technology(default), cloud) if default else _run_on(node, cloud)
    return managed(entry, cloud) or (_run_on(node, cloud) if entry.category.startswith("back-end") else None)


def _run_on(node: Node, cloud: str | None) -> Entry | None:
    return technology(_RUNS_ON.get(cloud or "aws", "aws-fargate")) if node.type in _BACKENDS else None


def _set_managed(draft: Draft, node: Node, equivalent: Entry) -> bool:
    written = equivalent.name
    own = technology_of(node)
    if node.type in _BACKENDS and own is not None and own.category.startswith("back-end"):
        if equivalent.name in node.technology:
            return False
        written = f"{own.name} on {equivalent.name}"
    mentions = find(node.label)
    label = node.label
    if mentions and mentions[0].entry == own:
        short = equivalent.name.removeprefix("Amazon ").removeprefix("AWS ")
        label = node.label[: mentions[0].start] + short + node.label[mentions[0].end :]
    return draft.update_node(node.id, technology=written, label=label)


def set_type(draft: Draft, phrase: str, kind: str) -> None:
    """Make nodes of another type, their names kept."""
    known = heads().get(stems(bare(kind)))
    for node_id in many(draft, phrase):
        node = draft.node(node_id)
        if known is None or (known.type == "group") != (node.type == "group"):
            raise NotUnderstood(f'"{kind.strip()}" is no type that {node.label} can have.')
        if draft.update_node(node_id, type=known.type):
            draft.say(f"{node.label} is now a {known.label.lower()}.")


def is_mere_kind(phrase: str) -> bool:
    """Whether a phrase is the name of a kind of node and of no technology."""
    return heads().get(stems(bare(phrase))) is not None and technology_named(phrase) is None


def describe(draft: Draft, phrase: str, text: str) -> None:
    """Set the description of a node."""
    node = one(draft, phrase)
    words = text.strip()
    words = words[1:-1].strip() if re.fullmatch(QUOTED, words) else capital(words)
    if draft.update_node(node.id, description=words[:4_000]):
        draft.say(f"Set the description of {node.label}.")
    draft.it = (node.id,)


def remove(draft: Draft, phrase: str) -> None:
    """Delete what a phrase names; who was connected through it is left unconnected. Raises NotUnderstood, Unclear."""
    count, _ = counted(phrase)
    ids = _to_remove(draft, phrase)
    names = [draft.label(i) for i in ids]
    for node_id in ids[: count if 1 < count < len(ids) else None]:
        if node_id in draft.diagram.nodes:
            draft.delete_node(node_id)
    draft.it = ()
    shown = enumerated(names) if len(names) <= 6 else f"{len(names)} nodes"
    draft.say(f"Removed {shown}.")


def _to_remove(draft: Draft, phrase: str) -> list[str]:
    whole = re.match(
        r"^(.+?)\s+(?:and|with|including)\s+(?:everything|all|what(?:ever)? is|its (?:contents?|members))\b.*$", phrase
    )
    group = some(draft, whole[1]) if whole else []
    if group and draft.node(group[0]).type == "group":
        return [*(node.id for node in members(draft.diagram, group[0])), *group]
    ids = many(draft, phrase)
    every = len(ids) > 1 and set(ids) == {node.id for node in draft.leaves()}
    return list(draft.diagram.nodes) if every else ids
