"""From a description to a scene: every sentence is read for components, links and groups."""

import re
from collections.abc import Sequence
from dataclasses import replace

from archwright.model.offline.edits.words import capital, stems
from archwright.model.offline.patterns import best
from archwright.model.offline.understand.areas import nest, ordering, read_areas
from archwright.model.offline.understand.lists import between, purposes, spread
from archwright.model.offline.understand.making import made_with
from archwright.model.offline.understand.mentions import Mention, read, written
from archwright.model.offline.understand.relations import relations
from archwright.model.offline.understand.scene import Scene
from archwright.model.offline.understand.words import Sentence, sentences

_NO = re.compile(
    r"\b(?:no|without|not use|don't use|do not use|not need|don't need|don't want|not want|avoid|instead of|rather than|"
    r"not using|skip|except|excluding|never|no need for|not)\s+(?:using\s+|a\s+|an\s+|any\s+|the\s+)*$", re.IGNORECASE,
)  # fmt: skip
_WHOLE = frozenset({"application", "saas", "system", "platform", "app", "website", "site", "tool", "product", "architecture", "marketplace",
                    "backend", "service", "pipeline", "solution", "shop", "store", "game", "clone", "portal", "webshop", "engine", "stack", "infrastructure", "deployment", "workflow", "network", "api", "chatbot", "bot", "storefront"})  # fmt: skip
_OPENS = re.compile(
    r"^\W*(?:with|that|which|where|using|like|for|on|in|built|consisting|made|composed|whose|:|-|in which|similar|to|has|have|includes?|running|deployed|in|and its|based|, with|, where|of)\b|^\s*[:\-(]|^\s*$|^\W*$",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"\b(?:per|for each|for every|in each|in every|one per)\s+(?:micro)?(service|region|zone|availability zone|tenant|domain|team|az|cluster|shard)\b",
    re.IGNORECASE,
)
_EACH_HAS = re.compile(
    r"\beach\b(?:\s+(?:micro)?(service|region|zone|team|domain|one|of them))?(?:[^.,;]{0,30})?\b(?:has|have|with|owns?|gets?|uses?|having|keeps?|own|backed)\b",
    re.IGNORECASE,
)


_TAIL = re.compile(
    r"(?:\s+(?:processing|management|networking|system|platform|architecture|setup|design|delivery|tracking|handling|"
    r"pipeline|app|application|backend|monitoring|deployment|infrastructure|network|clone))+"
)


def understand(text: str) -> Scene:
    """Return what a description says. Total: a text that names nothing gives an empty scene."""
    scene = Scene(by=ordering(text))
    for number, sentence in enumerate(sentences(text)):
        _read_sentence(scene, sentence, number == 0)
    _settle_users(scene)
    nest(scene)
    return scene


def _read_sentence(scene: Scene, sentence: Sentence, first: bool) -> None:
    known, unknown = spread(sentence, *read(sentence))
    if first or (not scene.components and not scene.title):
        known, unknown = _without_title(scene, sentence, known, unknown)
    known = _heading(sentence, known, unknown)
    known = purposes(sentence, known, unknown)
    known = made_with(sentence, known)
    known = _negated(scene, sentence, known)
    known = [_target_of_deployment(sentence, m) for m in known if not _in_passing(sentence, m)]
    keys: dict[int, str] = {}
    for mention in known:
        if mention.type != "group" and _passing(sentence, mention, known):
            if _all_of_them(sentence, mention):
                keys[mention.start] = f"*{mention.type}"
        elif mention.type != "group":
            keys[mention.start] = scene.add(mention, each=_each(sentence, mention, known)).key
    for relation in relations(sentence, [m for m in known if m.start in keys]):
        for source in _meant(scene, keys[relation.source.start]):
            for target in _meant(scene, keys[relation.target.start]):
                _tie(scene, source, target, relation.label, relation.kind)
    read_areas(scene, sentence, [m for m in known if not _each_group(sentence, m)], keys)


def _in_passing(sentence: Sentence, mention: Mention) -> bool:
    """A protocol on the way ("over MQTT"), or a technology that only says what kind of thing ("Docker images")."""
    before = sentence.words[mention.start - 1].low if mention.start else ""
    after = sentence.words[mention.end].low if mention.end < len(sentence.words) else ""
    entry = mention.entry
    if entry is None or not mention.bare:
        return False
    return ((before in ("over", "via") and entry.id in ("mqtt", "graphql", "grpc", "amqp", "websocket", "rest"))
            or after in ("image", "images", "container", "containers", "file", "files", "queries", "manifests", "charts"))  # fmt: skip


def _target_of_deployment(sentence: Sentence, mention: Mention) -> Mention:
    """A cluster to which something deploys is a place that runs it, not a frame around everything."""
    before = sentence.text[: sentence.words[mention.start].start].casefold()
    if mention.type == "group" and re.search(
        r"\b(?:deploy\w*|push\w*|roll\w*|ship\w*|release\w*)\b[^.;]*\bto\s+(?:an?\s|the\s|our\s)?$", before
    ):
        return replace(mention, type="server")
    return mention


def _each_group(sentence: Sentence, mention: Mention) -> bool:
    before = sentence.text[: sentence.words[mention.start].start].casefold().rstrip()
    return mention.type == "group" and bool(re.search(r"\b(?:each|every|per|for each|both|all)$", before))


def _all_of_them(sentence: Sentence, mention: Mention) -> bool:
    before = sentence.text[: sentence.words[mention.start].start].casefold().rstrip()
    return mention.type == "service" and bool(re.search(r"\b(?:all|each|every|these|those|the)(?: the)?$|^$", before))


def _meant(scene: Scene, key: str) -> list[str]:
    """The components that a key stands for: "*service" is all services so far."""
    if not key.startswith("*"):
        return [key] if key in scene.components else []
    return [c.key for c in scene.components.values() if c.type in ("service", "api")]


def _tie(scene: Scene, source: str, target: str, label: str, kind: str) -> None:
    one, other = scene.components[source], scene.components[target]
    if (
        not label
        and kind == "data"
        and (
            other.type in ("service", "api", "worker", "web", "mobile", "client", "gateway")
            or one.weak
            or one.type in ("database", "cache", "storage", "queue", "stream")
        )
    ):
        return
    if other.weak:
        return
    if other.type in ("queue", "stream") and re.match(r"consum|subscri|read|poll|listen|pull|process|drain", label):
        scene.tie(target, source, "delivers events", "async")
        return
    scene.tie(source, target, label, kind)  # type: ignore[arg-type]


def _without_title(
    scene: Scene, sentence: Sentence, known: list[Mention], unknown: list[Mention]
) -> tuple[list[Mention], list[Mention]]:
    """Take the name of the whole system out of the components: "a chat application with …"."""
    ordered = sorted([*known, *unknown], key=lambda m: m.start)
    if not ordered:
        return known, unknown
    opening = ordered[0]
    head = stems(sentence.words[opening.end - 1].text)[-1:]
    after = sentence.text[sentence.words[opening.end - 1].end :]
    system = ((head and head[0] in _WHOLE and not opening.plural) or opening.unknown) and opening.type != "group"
    system = system or (after.lstrip()[:1] == ":" and opening.type != "group" and not opening.plural)
    system = system or (len(ordered) == 1 and not after.strip(" .!?") and opening.type != "group")
    product = opening.entry is not None and (len(ordered) == 1 or opening.start <= 4) and bool(best(opening.label))
    tail = _TAIL.match(after)
    system = system or product
    if tail and opening.start <= 4 and (opening.type != "group" or after[tail.end() :].lstrip()[:1] == ":"):
        after, system = after[tail.end() :], True
    if (
        not system
        or (opening.entry is not None and opening.bare and not tail and not product)
        or not _OPENS.match(after)
    ):
        return known, unknown
    if opening.head in ("service", "store", "api") and not opening.unknown and re.match(r"\s*(?:-|,)", after):
        return known, unknown
    scene.title = written(sentence.words[opening.start : opening.end])
    left = opening if opening.entry and opening.type in ("web", "mobile") else None
    return [m for m in known if m is not opening or m is left], [m for m in unknown if m is not opening]


def _heading(sentence: Sentence, known: list[Mention], unknown: list[Mention]) -> list[Mention]:
    """An item of a list that begins with a name and a colon names a component even when we do not know the word."""
    if not sentence.item or not unknown:
        return known
    opening = min([*known, *unknown], key=lambda m: m.start)
    after = sentence.text[sentence.words[opening.end - 1].end :].lstrip()
    if opening.unknown and opening.start == 0 and (after[:1] in (":", "-", "(") or not after):
        unknown.remove(opening)
        return sorted([*known, replace(opening, unknown=False)], key=lambda m: m.start)
    return known


def _negated(scene: Scene, sentence: Sentence, known: list[Mention]) -> list[Mention]:
    kept = list[Mention]()
    for at, mention in enumerate(known):
        before = sentence.text[: sentence.words[mention.start].start]
        listed = (
            at and known[at - 1] not in kept and between(sentence, known[at - 1], mention) in (",", "and", "or", ", or")
        )
        if _NO.search(before) or listed:
            scene.without.add(" ".join(mention.stems))
            if mention.bare and mention.entry is None:
                scene.without.add(f"type:{mention.type}")
            continue
        kept.append(mention)
    return kept


def _each(sentence: Sentence, mention: Mention, known: Sequence[Mention]) -> str:
    """The kind for each of which one of these is wanted: "a database per service"."""
    tail = sentence.text[sentence.words[mention.end - 1].end :]
    match = _EACH.match(tail.lstrip(" ,("))
    if match:
        return match[1].casefold()
    before = sentence.text[: sentence.words[mention.start].start]
    clause = re.split(r"[.;]", before)[-1]
    match = _EACH_HAS.search(clause)
    if (
        match
        and mention.type
        in ("database", "cache", "queue", "storage", "service", "worker", "loadbalancer", "server", "api")
        and not re.search(r"\bto each\b", clause)
    ):
        fallback = next(
            (
                kind
                for kind in ("region", "zone", "team", "domain")
                if re.search(rf"\b{kind}s?\b", clause[: match.start()], re.IGNORECASE)
            ),
            "service",
        )
        return (match[1] or fallback).casefold().replace("one", "service").replace("of them", "service")
    if (
        re.search(r"\b(?:their|its) own (?:[\w-]+ )?$", before)
        and mention.type in ("database", "cache", "queue")
        and mention.plural
    ):
        return "service"
    return ""


def _passing(sentence: Sentence, mention: Mention, known: Sequence[Mention]) -> bool:
    """Words that are components elsewhere but not here: "per service", "each service", "all services"."""
    before = sentence.text[: sentence.words[mention.start].start].casefold().rstrip()
    if (
        re.search(
            r"\b(?:per|each|every|for each|all|these|those|other|both|between|across|multiple|several|many|various|different)(?: the)?$",
            before,
        )
        and mention.entry is None
    ):
        return mention.end - mention.start == 1 or mention.bare
    if (
        mention.bare
        and mention.type == "service"
        and mention.entry is None
        and mention.head in ("service", "component", "backend", "interface")
        and mention.plural
    ):
        return True
    everyday = ("email", "message", "telemetry", "data", "notification", "payment", "order", "recommendation", "analytic", "alert", "metric", "log", "trace",
                "booking", "reservation", "login", "index", "job", "app", "feed", "timeline", "billing", "pricing", "shipping", "checkout", "tracker", "sms", "machine",
                "vehicle", "repository", "exchange", "model", "endpoint", "backup", "terminal", "web", "search", "inventory", "catalog", "presence", "cart", "messaging", "device", "trigger", "embedding", "file upload", "map", "repo", "reporting", "connector", "partner", "node", "pod")  # fmt: skip
    if (
        mention.entry is None
        and mention.end - mention.start == 1
        and mention.stems[-1:]
        and mention.stems[-1] in everyday
    ):
        verb = re.search(
            r"\b(?:\w+ing|to \w+|sends?|gets?|receives?|stores?|creates?|handles?|process(?:es)?|publish(?:es)?|of|about|by|on|new|sent|for|into|from|as|their|his|her|users?|view|manage|track|upload|place|browse|make)$",
            before,
        )
        return bool(verb) or (
            mention.plural and mention.type in ("external", "ml", "monitoring", "user", "service", "worker", "database")
        )
    return False


def _settle_users(scene: Scene) -> None:
    """People stand in the drawing only where no client of theirs does."""
    clients = [c for c in scene.components.values() if c.type in ("client", "web", "mobile")]
    people = [c for c in scene.components.values() if c.weak]
    for person in people:
        if clients:
            near = next((c for c in clients if set(person.stems) & set(c.stems)), clients[0])
            for tie in [
                t
                for t in scene.ties
                if t.source == person.key and scene.components[t.target].type not in ("client", "web", "mobile")
            ]:
                scene.tie(near.key, tie.target, tie.label, tie.kind)
            scene.drop(person.key)
        else:
            person.label = capital(person.label) if person.label.casefold() != "user" else "Users"
