"""Groups that a text speaks of, and what lies in them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from archwright.model.offline.edits.words import stems
from archwright.model.offline.understand.lists import between
from archwright.model.offline.understand.mentions import REGION, Mention
from archwright.model.offline.understand.scene import Area, Component, Scene
from archwright.model.offline.understand.words import Sentence

_IN = re.compile(
    r"(?:^|\s)(?:in|inside|within|into|on|on top of|as part of|onto)$|(?:runs?|running|deployed|live|lives|hosted|placed|sits?) (?:in|on|inside|within)$"
)
_HOLDS = re.compile(
    r"^[\s,]*\(?:?\s*(?:with|contains?|containing|holds?|holding|hosts?|hosting|has|have|having|runs?|running|includes?|including|for|:|-|consists? of|consisting of|owns?|which (?:has|contains|holds|hosts))?\s*\(?$"
)
_ALL = re.compile(
    r"\b(?:everything|all (?:of (?:it|this|them))?|all (?:the )?(?:services|components|parts|backend)|the (?:whole|entire) \w+|whole thing|the backend|the rest)\b[^.]*?\b(?:in|inside|within|on|into)\s+(?:an?\s|the\s|one\s|our\s|its own\s)?[\w -]*$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\bgroup(?:ed|ing)?\s+(?:\w+\s+){0,3}?(?:by|per|into)\s+(?:business\s+|bounded\s+)?(domain|team|context|layer|tier|service|function|capabilit|zone|concern)",
    re.IGNORECASE,
)
RANK = {"region": 9, "account": 8, "vpc": 7, "network": 7, "cloud": 7, "premise": 7, "prem": 7, "center": 7, "zone": 6, "subnet": 5, "cluster": 4, "kubernetes": 4,
        "namespace": 3, "domain": 2, "context": 2, "team": 2, "layer": 2, "tier": 2}  # fmt: skip
OUTSIDE = frozenset({"client", "web", "mobile", "user", "external", "cdn", "dns"})


def ordering(text: str) -> str:
    """Return what the text asks to group by, or an empty text."""
    match = _BY.search(text)
    return {"tier": "layer", "context": "domain", "capabilit": "domain", "function": "domain", "concern": "layer",
            "zone": "layer"}.get(match[1].casefold(), match[1].casefold()) if match else ""  # fmt: skip


def read_areas(scene: Scene, sentence: Sentence, found: Sequence[Mention], keys: dict[int, str]) -> None:
    """Note the groups of a sentence and their members. `keys` are the components by where their mentions start."""
    current: Area | None = None
    since = 0
    inner = False
    for at, mention in enumerate(found):
        if mention.type != "group":
            if current is not None and inner:
                _join(scene, current, keys.get(mention.start))
            continue
        area = _area(scene, mention)
        gap = between(sentence, found[at - 1], mention) if at else ""
        before = sentence.text[: sentence.words[mention.start].start].casefold()
        following = between(sentence, mention, found[at + 1]) if at + 1 < len(found) else "."
        if _ALL.search(before):
            area.everything = True
        elif at and found[at - 1].type == "group" and _IN.search(gap):
            inside = _area(scene, found[at - 1])
            inside.parent = inside.parent or area.key
        elif at and _IN.search(gap.strip(" ,")):
            area.placed = True
            for member in found[since:at]:
                if member.type != "group" and not (at - since > 1 and member.type in OUTSIDE):
                    _join(scene, area, keys.get(member.start))
        since = at + 1
        current, inner = (
            area,
            bool(_HOLDS.match(following))
            or sentence.text[sentence.words[mention.end - 1].end :].lstrip().startswith(":"),
        )
        if (
            current is not None
            and not inner
            and at == 0
            and re.match(r"^\s*(?:in|inside|within)\b", sentence.text.casefold())
        ):
            inner = not area.everything
            area.placed = True
        if mention.count > 1 and following != "each":
            _copies(scene, area, mention)


def _area(scene: Scene, mention: Mention) -> Area:
    key = " ".join(mention.stems)
    if key not in scene.areas:
        near = [a for a in scene.areas.values() if set(stems(a.label)) > set(mention.stems)]
        if near and (mention.bare or mention.determined):
            return near[-1]
        scene.areas[key] = Area(key, mention.label)
    return scene.areas[key]


def _copies(scene: Scene, area: Area, mention: Mention) -> None:
    if mention.count <= 4 and not any(
        stems(a.label) != stems(area.label) and mention.stems[-1] in stems(a.label) for a in scene.areas.values()
    ):
        scene.areas.pop(area.key, None)
        for number in range(1, mention.count + 1):
            label = f"{area.label} {number}"
            scene.areas[" ".join(stems(label))] = Area(" ".join(stems(label)), label)


def _join(scene: Scene, area: Area, key: str | None) -> None:
    if key is None or key not in scene.components:
        return
    if _rank(area) >= 4 and scene.components[key].type in ("client", "web", "mobile", "user", "external"):
        return
    for other in scene.areas.values():
        if key in other.members:
            return
    area.members.append(key)


def copy_for_each(scene: Scene) -> None:
    """Draw what is wanted for each region, zone or team once in each of them."""
    named = [a for a in scene.areas.values() if REGION.fullmatch(a.label)]
    for component in list(scene.components.values()):
        if component.each == "region" and len(named) > 1:
            _copy(scene, component, named)
            continue
        kind = (
            {"az": "zone"}.get(component.each.split(" ")[-1], component.each.split(" ")[-1]) if component.each else ""
        )
        areas = [a for a in scene.areas.values() if (kind and kind in {"az": "zone"}.get(stems(a.label)[-1], stems(a.label)[-1]))
                 or (kind and kind in stems(a.label))]  # fmt: skip
        if kind in ("", "service") or len(areas) < 2:
            continue
        _copy(scene, component, areas)


def _copy(scene: Scene, component: Component, areas: Sequence[Area]) -> None:
    for area in areas:
        short = " ".join(
            w for w in area.label.split() if w.casefold() not in ("region", "zone", "availability", "team", "domain")
        )
        copy = replace(
            component,
            key=f"{component.key}/{area.key}",
            label=f"{component.label} {short}",
            each="",
            bare=False,
        )
        scene.components[copy.key] = copy
        for other in scene.areas.values():
            other.members = [m for m in other.members if m != component.key]
        area.members.append(copy.key)
    _copy_ties(scene, component.key, [area.key for area in areas])
    scene.drop(component.key)


def _copy_ties(scene: Scene, key: str, areas: Sequence[str]) -> None:
    for tie in [t for t in scene.ties if key in (t.source, t.target)]:
        for area in areas:
            source, target = (
                f"{end}/{area}" if f"{end}/{area}" in scene.components else end for end in (tie.source, tie.target)
            )
            scene.tie(source, target, tie.label, tie.kind)


def _meant_by_place(scene: Scene) -> None:
    """Read "the US database" as the database that was drawn in the US region."""
    for component in list(scene.components.values()):
        for area in scene.areas.values():
            place = stems(area.label)[:1]
            if "/" in component.key or component.key in area.members or not set(place) <= set(component.stems):
                continue
            same = [k for k in area.members if "/" in k and scene.components[k].type == component.type]
            if len(same) == 1 and component.key in scene.components:
                scene.rename(component.key, same[0])


def _drop_generic(scene: Scene) -> None:
    """Forget "regions" when the regions have names."""
    for area in list(scene.areas.values()):
        kind = stems(area.label)[-1:] and stems(area.label)[0]
        named = [
            a
            for a in scene.areas.values()
            if a is not area and (REGION.fullmatch(a.label) or kind in stems(a.label)[1:])
        ]
        if len(stems(area.label)) <= 2 and kind in ("region", "zone") and not area.members and len(named) > 1:
            if not any(REGION.fullmatch(a.label) for a in named) and area.label[-1].isdigit():
                continue
            del scene.areas[area.key]


def nest(scene: Scene) -> None:
    """Put smaller groups into larger ones where the text left it open, and fill the group that has no members."""
    _drop_generic(scene)
    copy_for_each(scene)
    _meant_by_place(scene)
    areas = list(scene.areas.values())
    for area in areas:
        larger = [a for a in areas if _rank(a) > _rank(area)]
        if area.parent is None and larger and _rank(area) in (6, 5, 4, 3):
            best = min(larger, key=_rank)
            if sum(_rank(a) == _rank(best) for a in areas) == 1:
                area.parent = best.key
    empty = [a for a in areas if a.placed and not a.members and not any(b.parent == a.key for b in areas)]
    placed = {m for a in areas for m in a.members}
    for area in areas:
        if area.everything or (empty == [area] and len(areas) == 1) or (
            len(areas) > 1 and _rank(area) >= 4 and not area.members and area.parent is None and _alone(area, areas)
        ):  # fmt: skip
            area.members += [c.key for c in scene.components.values() if c.type not in OUTSIDE and c.key not in placed]
            placed |= set(area.members)
            area.everything = True
    for area in [a for a in areas if not a.members and not any(b.parent == a.key for b in scene.areas.values())]:
        if not area.everything and not _subnets(scene, area):
            scene.areas.pop(area.key, None)


def _alone(area: Area, areas: Sequence[Area]) -> bool:
    return sum(_rank(a) == _rank(area) for a in areas) == 1


def _subnets(scene: Scene, area: Area) -> bool:
    """Fill a public or private subnet by what usually lies there."""
    words = set(stems(area.label))
    wanted = {"gateway", "loadbalancer", "network"} if "public" in words else set()
    if "private" in words:
        wanted = {"service", "api", "server", "worker", "database", "cache", "queue", "stream", "search", "function"}
    if not wanted:
        return False
    members = [c.key for c in scene.components.values() if c.type in wanted]
    for other in scene.areas.values():
        if other is not area and _rank(other) > _rank(area):
            other.members = [m for m in other.members if m not in members]
    area.members += [m for m in members if not any(m in a.members for a in scene.areas.values())]
    return bool(area.members)


def _rank(area: Area) -> int:
    return 9 if REGION.fullmatch(area.label) else max((RANK.get(word, 0) for word in stems(area.label)), default=0) or 1
