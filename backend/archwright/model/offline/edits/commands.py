"""What a person asks for in one clause, as a call of the function that does it."""

import re
from collections.abc import Callable

from archwright.model.offline.edits import adding, changing, connecting, grouping, names, scaling, sections
from archwright.model.offline.edits.draft import Draft
from archwright.model.offline.edits.parts import technology_named
from archwright.model.offline.edits.verbs import is_verb
from archwright.model.offline.edits.words import QUOTED

Act = Callable[[Draft, re.Match[str]], bool | None]
"""False says that the clause is not so meant after all, and that a later rule is to read it."""

_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "a few": 3, "several": 3, "multiple": 2}
_N = r"(?P<n>\d{1,2}|two|three|four|five|six|ten|a few|several|multiple)"


def _count(text: str | None) -> int:
    return 2 if not text else min(_COUNTS.get(text.casefold(), 0) or int(text), 10)


def _rename(draft: Draft, match: re.Match[str]) -> None:
    changing.rename(draft, match["a"], match["b"])


def _call(draft: Draft, match: re.Match[str]) -> bool | None:
    """Read "call this Payout worker": what is pointed at, or named just so, and then its new name."""
    words = match["a"].split()
    for cut in range(len(words) - 1, 0, -1):
        known, name = " ".join(words[:cut]), " ".join(words[cut:])
        if names.is_exactly(draft, known):
            changing.rename(draft, known, name)
            return True
    return False


def _no_longer(draft: Draft, match: re.Match[str]) -> bool | None:
    """Read "the site must not call search any more", when the two are connected."""
    if not (names.is_known(draft, match["a"]) and names.is_known(draft, match["b"])):
        return False
    connecting.disconnect(draft, f"{match['a']} to {match['b']}")
    return True


def _become(draft: Draft, match: re.Match[str]) -> bool | None:
    """Read "make it a worker" as another type, and "make it a Kafka topic" as something else in its place."""
    if _LINKS.search(match["a"]):
        return False
    if changing.is_mere_kind(match["b"]):
        changing.set_type(draft, match["a"], match["b"])
    else:
        changing.replace_with(draft, match["a"], match["b"])
    return True


def _turn_into(draft: Draft, match: re.Match[str]) -> bool | None:
    """Read "make Prometheus VictoriaMetrics"; "make the API write to S3" says what it does, and not what it is."""
    if is_verb(match["b"].split()[0]) or re.search(r"\b(?:to|from)\b", match["b"]):
        return False
    changing.replace_with(draft, match["a"], match["b"])
    return True


def _one_more(draft: Draft, match: re.Match[str]) -> bool | None:
    """Read "add a second email worker" when there is one."""
    if not names.is_exactly(draft, match["a"]):
        return False
    scaling.duplicate(draft, match["a"], f"{draft.label(names.many(draft, match['a'])[0])} 2")
    return True


def _exchange_in(draft: Draft, match: re.Match[str]) -> bool | None:
    """Read "swap Go for Rust in the trip service"."""
    if technology_named(match["a"]) is None or not names.is_known(draft, match["c"]):
        return False
    changing.set_technology(draft, match["c"], match["b"])
    return True


def _separate(draft: Draft, match: re.Match[str]) -> None:
    scaling.split(draft, match["a"], match["b"])


def _merge(draft: Draft, match: re.Match[str]) -> None:
    into = match["b"] or ""
    scaling.merge(draft, match["a"], into)


def _move(draft: Draft, match: re.Match[str]) -> None:
    if changing.runs_on(draft, match["a"], match["b"]):
        changing.set_technology(draft, match["a"], match["b"])
        return
    grouping.put_into(draft, match["a"], match["b"])


def _behind_balancer(draft: Draft, match: re.Match[str]) -> None:
    scaling.scale(
        draft, match["a"], _count(match["n"]), balanced=bool(re.search(r"balanc", match.string, re.IGNORECASE))
    )


def _insert(draft: Draft, match: re.Match[str]) -> None:
    adding.add(draft, match["a"])


_LINKS = re.compile(r"\b(?:to|from|with|on|in|by|for|of|use|call|read|write|have|be)$", re.IGNORECASE)
_SECTION = (
    r"(?:the )?(?:(?P<a>.+?)\s+section|section\s+(?:on|about|of|for)\s+(?P<c>.+?))"
    r"(?:\s+(?:of|in|from)\s+(?:the )?(?:design )?doc(?:ument(?:ation)?)?)?"
)
_MADE_IN = r"(?:re-?write|re-?implement|rebuild|implement|write|port|build)"

_RULES: tuple[tuple[str, Act], ...] = (
    (r"(?:rename|relabel|retitle|call)\s+(?:the )?(?:edge|connection|link|arrow)\s+(?P<a>.+?)\s+(?:to|as)\s+(?P<b>.+)",
     lambda d, m: connecting.relabel(d, m["a"], connecting.bare_label(m["b"]))),
    (r"label\s+(?:the )?(?:edge |connection |link |arrow )?(?P<a>(?:from|between) .+?)\s+(?:as |with )?(?P<b>" + QUOTED + r"|as .+)",
     lambda d, m: connecting.relabel(d, m["a"], connecting.bare_label(m["b"]))),
    (r"(?:rename|relabel|retitle)\s+(?P<a>.+?)\s+(?:to|as|into|->)\s+(?P<b>.+)", _rename),
    (r"(?:change|set|update)\s+(?:the )?(?:name|label|title)\s+of\s+(?P<a>.+?)\s+to\s+(?P<b>.+)", _rename),
    (r"(?:change|set|update)\s+(?P<a>.+?)'s? (?:name|label|title)\s+to\s+(?P<b>.+)", _rename),
    (r"call\s+(?P<a>.+?)\s+(?P<b>" + QUOTED + ")", _rename),
    (r"(?:call|name)\s+(?P<a>.+)", _call),
    (rf"(?:rewrite|update|refresh|redo|regenerate|write)\s+{_SECTION}", lambda d, m: sections.rewrite(d, m["a"] or m["c"])),
    (rf"(?:remove|delete|drop|take out)\s+{_SECTION}", lambda d, m: sections.remove(d, m["a"] or m["c"])),
    (r"(?:change|set|update)\s+(?:the )?(?:description|text|note)\s+of\s+(?P<a>.+?)\s+to\s+(?P<b>.+)",
     lambda d, m: changing.describe(d, m["a"], m["b"])),
    (r"describe\s+(?P<a>.+?)\s+as\s+(?P<b>.+)", lambda d, m: changing.describe(d, m["a"], m["b"])),
    (r"(?:change|set|update|switch)\s+(?:the )?(?:technology|tech|stack|engine)\s+(?:of|for)\s+(?P<a>.+?)\s+to\s+(?P<b>.+)",
     lambda d, m: changing.set_technology(d, m["a"], m["b"])),
    (_MADE_IN + r"\s+(?P<a>.+)\s+(?:in|to|with|using|on|as)\s+(?P<b>.+)", lambda d, m: changing.set_technology(d, m["a"], m["b"])),
    (r"(?:change|set|update)\s+(?P<a>.+?)'s?\s+type\s+to\s+(?P<b>.+)", lambda d, m: changing.set_type(d, m["a"], m["b"])),
    (r"(?:change|set|update)\s+(?:the )?type\s+of\s+(?P<a>.+?)\s+to\s+(?P<b>.+)", lambda d, m: changing.set_type(d, m["a"], m["b"])),
    (r"(?:make|mark|change|turn)\s+(?:all |the )?(?:calls|requests)\s+to\s+(?P<a>.+?)\s+(?P<b>async\w*|sync\w*)",
     lambda d, m: connecting.set_kind_into(d, m["a"], connecting.edge_kind(m["b"]))),
    (r"(?:make|mark|change|turn)\s+(?:the )?(?:edge|connection|link|arrow|call|request|flow)s?\s+(?P<a>.+?)\s+(?:to |into |as )?(?P<b>async\w*|request|sync\w*|data|replication|depends)",
     lambda d, m: connecting.set_kind(d, m["a"], connecting.edge_kind(m["b"]))),
    (r"(?:reverse|flip|turn round|turn around|swap the direction of)\s+(?:the )?(?:direction of )?(?:the )?(?:edge|connection|link|arrow)?\s*(?P<a>.+)",
     lambda d, m: connecting.turn_round(d, m["a"])),
    (r"(?:make|turn|change|convert|move|migrate|switch)\s+(?P<a>.+?)\s+(?:into |to |a |an |be |as |on |onto )*(?P<b>(?:\w+ )?(?:fully )?managed(?: .*)?|hosted .*|serverless managed.*)",
     lambda d, m: changing.make_managed(d, m["a"], m["b"])),
    (r"use (?P<b>(?:a )?managed .*?)\s+for\s+(?P<a>.+)", lambda d, m: changing.make_managed(d, m["a"], m["b"])),
    (r"make\s+(?P<a>.+?)\s+(?:highly[ -]available|redundant|fault[ -]tolerant|resilient|ha|multi-az)", lambda d, m: scaling.make_available(d, m["a"])),
    (r"add\s+(?:high availability|redundancy|failover|ha)\s+(?:to|for)\s+(?P<a>.+)", lambda d, m: scaling.make_available(d, m["a"])),
    (rf"(?:add|create)\s+(?:{_N}\s+|a\s+|an\s+|some\s+)?(?P<r>read[ -]replicas?|replicas?|standbys?|stand-bys?|hot standby)\s+(?:to|for|of)\s+(?P<a>.+)",
     lambda d, m: scaling.replicate(d, m["a"], _count(m["n"]) if m["n"] else 1 if not m["r"].endswith("s") else 2,
                                    "read replica" if m["r"].startswith("read") else "replica" if m["r"].startswith("rep") else "standby")),
    (r"(?:make|let|have)\s+(?P<a>.+?)\s+replicate\s+to\s+(?:an? )?(?:stand-?by|replica|copy|second one)\b.*",
     lambda d, m: scaling.replicate(d, m["a"], 1, "standby")),
    (r"(?:replicate)\s+(?P<a>.+)", lambda d, m: scaling.replicate(d, m["a"])),
    (rf"(?:scale|run|have|use)\s+(?:out |up )?(?P<a>.+?)\s+(?:out |up )?(?:to|with|as|on|into)?\s*{_N}\s+(?:instances?|replicas?|copies|nodes|servers|workers)\b.*", _behind_balancer),
    (rf"(?:scale|run)\s+(?:out |up )?{_N}\s+(?:instances?|replicas?|copies)\s+of\s+(?P<a>.+?)(?:\s+behind.*)?", _behind_balancer),
    (r"scale\s+(?:out |up )?(?P<a>.+?)(?:\s+(?:out|up|horizontally))?(?P<n>(?!))?(?:\s+behind.*)?", _behind_balancer),
    (r"(?:duplicate|clone|copy)\s+(?P<a>.+?)(?:\s+as\s+(?P<b>.+))?", lambda d, m: scaling.duplicate(d, m["a"], m["b"] or "")),
    (r"(?:split|break|divide|separate)\s+(?:up )?(?P<a>.+?)\s+(?:up )?(?:into|in)\s+(?P<b>.+)", _separate),
    (r"(?:merge|combine|join|consolidate)\s+(?P<a>.+?)(?:\s+(?:into|to|as)\s+(?P<b>.+))?", _merge),
    (r"(?:remove|delete|drop|dissolve)\s+(?P<a>.+?),?\s+(?:but|and)\s+(?:keep|leave)\s+.+", lambda d, m: grouping.ungroup(d, m["a"])),
    (r"ungroup\s+(?P<a>.+)", lambda d, m: grouping.ungroup(d, m["a"])),
    (r"(?:dissolve|remove|delete)\s+the\s+(?:group|box|boundary)\s+(?:around\s+)?(?P<a>.+)", lambda d, m: grouping.ungroup(d, m["a"])),
    (r"(?:group|organi[sz]e|arrange|cluster|sort)\s+(?P<a>.*?)\s*(?:by|per|according to)\s+(?P<b>\w[\w -]*)", lambda d, m: grouping.group_by(d, m["a"] or "everything", m["b"])),
    (r"(?:move|take|pull|get)\s+(?P<a>.+?)\s+(?:out of|outside of|outside|out from)\s+(?P<b>.+)", lambda d, m: grouping.take_out(d, m["a"], m["b"])),
    (r"(?:group|wrap|enclose|surround)\s+(?P<a>.+?)\s+(?:together\s+)?(?:in|into|inside|within|as|under|with|called|named)\s+(?P<b>.+)", _move),
    (r"(?:group)\s+(?P<a>.+?)(?:\s+together)?", lambda d, m: grouping.put_into(d, m["a"], "a group")),
    (r"(?:put|move|place|deploy|host|run|nest)\s+(?P<a>.+?)\s+(?:in(?!\s+(?:front|between)\b)|into|inside|within|to|on|under)\s+(?P<b>.+)", _move),
    (r"(?:move|moving|switch|switching|migrate|migrating|go|going|get|getting)\s+(?:away\s+|over\s+)?from\s+(?P<a>.+?)\s+to\s+(?P<b>.+)",
     lambda d, m: changing.replace_with(d, m["a"], m["b"])),
    (r"(?:replace|swap|exchange|substitute)\s+(?P<a>.+?)\s+(?:with|by|for)\s+(?P<b>.+?)\s+in\s+(?P<c>.+)", _exchange_in),
    (r"(?:store|keep|save|host|serve|archive|index|back up)\s+.*?\b(?:in|on|to|with|by|via|through|from)\s+(?P<b>.+?)\s+(?:instead of|rather than)\s+(?:in |on |to |with |from )?(?P<a>.+)",
     lambda d, m: changing.replace_with(d, m["a"], m["b"])),
    (r"(?:replace|swap|exchange|substitute)\s+(?:out )?(?P<a>.+?)\s+(?:with|by|for|through)\s+(?P<b>.+)", lambda d, m: changing.replace_with(d, m["a"], m["b"])),
    (r"(?:switch|migrate|move|change|convert|upgrade)\s+(?P<a>.+?)\s+(?:from\s+.+?\s+)?(?:to|over to|into)\s+(?P<b>.+)", lambda d, m: changing.replace_with(d, m["a"], m["b"])),
    (r"(?:use|adopt|choose|take)\s+(?P<b>.+?)\s+(?:instead of|rather than|in place of|not)\s+(?P<a>.+)", lambda d, m: changing.replace_with(d, m["a"], m["b"])),
    (r"(?P<a>.+?)\s+(?:is|are)\s+(?:now\s+)?(?:re-?)?(?:written|built|implemented|made)\s+(?:in|with|on)\s+(?P<b>.+)",
     lambda d, m: changing.set_technology(d, m["a"], m["b"])),
    (r"(?:use|adopt|go with|pick)\s+(?P<b>.+?)\s+(?:for|as)\s+(?P<a>.+)", lambda d, m: changing.set_technology(d, m["a"], m["b"])),
    (rf"(?:make|turn)\s+(?P<a>.+?)\s+(?:into\s+)?an?\s+(?:fleet|pool|cluster|set|group)\s+of\s+{_N}\b.*", lambda d, m: scaling.scale(d, m["a"], _count(m["n"]))),
    (r"(?:make|turn|convert)\s+(?P<a>.+?)\s+(?:into\s+)?(?:an?)\s+(?P<b>[\w.# +-]+)", _become),
    (r"(?:make|turn)\s+(?P<a>.+?)\s+(?:into |use |run on |be )?(?:a |an )?(?P<b>[\w.# +-]+)", _turn_into),
    (r"(?:stop|keep|prevent)\s+(?P<a>.+?)\s+(?:from\s+)?(?:call|talk|writ|read|us|query|access|send|connect|reach|publish)\w*ing\s+(?:to |from |with |in |into |on )?(?P<b>.+?)(?:\s+directly)?",
     lambda d, m: connecting.disconnect(d, f"{m['a']} to {m['b']}")),
    (r"(?P<a>.+?)\s+(?:(?:must|should|shall|may|can|does|do|will|is|are)(?: not|n't)|cannot|no longer|never)\s+(?:to )?(?!need|want|require)\w+\s+(?:to |from |with |in |into |on )?(?P<b>.+?)(?:\s+(?:any ?(?:more|longer)|directly))*",
     _no_longer),
    (r"(?:disconnect|unlink|detach|unwire)\s+(?P<a>.+)", lambda d, m: connecting.disconnect(d, m["a"])),
    (r"(?:remove|delete|drop|cut)\s+(?:the |all )?(?:edges?|connections?|links?|arrows?|lines?)\s+(?P<a>.+)", lambda d, m: connecting.disconnect(d, m["a"])),
    (r"(?:redirect|reroute|point|repoint|rewire)\s+(?P<a>.+?)\s+(?:from\s+(?P<c>.+?)\s+)?to\s+(?P<b>.+?)(?:\s+instead(?: of (?P<e>.+))?)?",
     lambda d, m: connecting.redirect(d, m["a"], m["b"], m["c"] or m["e"] or "")),
    (r"(?:connect|link|wire|attach|hook up|join)\s+(?P<a>.+)", lambda d, m: connecting.connect(d, m["a"])),
    (r"(?:add|draw|create|make|put)\s+(?:an? |the )?(?:\w+ )?(?:edge|connection|link|arrow|line)\s+(?P<a>(?:from|between|to) .+)", lambda d, m: connecting.connect(d, m["a"])),
    (r"(?:(?:we|i|you)\s+)?(?:do not|don't|do no longer|no longer|never)\s+(?:need|want|use|require)\s+(?P<a>.+?)(?:\s+any ?(?:more|longer))?",
     lambda d, m: changing.remove(d, m["a"])),
    (r"(?P<a>.+?)\s+(?:is|are)\s+(?:no longer|not)\s+(?:needed|used|required|wanted)(?:\s+any ?(?:more|longer))?", lambda d, m: changing.remove(d, m["a"])),
    (r"(?:load|feed|export|copy|stream|send|sync|archive|ship|write|publish|push|index|back up)\s+(?P<a>.+?)\s+(?:in|on)?to\s+(?P<b>.+)",
     lambda d, m: adding.lead_into(d, m["a"], m["b"])),
    (r"(?:remove|delete|drop|get rid of|eliminate|take out|take away|throw out|kill|erase|discard|strip)\s+(?P<a>.+)", lambda d, m: changing.remove(d, m["a"])),
    (r"(?:add|create|run|start)\s+(?:another|a second|one more|a further)\s+(?P<a>.+)", _one_more),
    (r"give\s+(?P<a>.+?)\s+(?:its|their)\s+own\s+(?P<b>.+)", lambda d, m: adding.add(d, f"own {m['b']} for {m['a']}")),
    (r"(?:add|insert|introduce|include|create|put|place|bring in|attach|append|i need|we need|there should be|we want|i want|give me|give us|install|set up|deploy|provide|plug in|need)\s+(?P<a>.+)", _insert),
)  # fmt: skip
RULES: tuple[tuple[re.Pattern[str], Act], ...] = tuple(
    (re.compile(rf"^{pattern}$", re.IGNORECASE | re.DOTALL), act) for pattern, act in _RULES
)
_POLITE = re.compile(
    r"^(?:(?:please|now|also|then|next|and|ok(?:ay)?|so|first|finally|hey|hi|just|maybe|perhaps|kindly|could you|can you|"
    r"would you|will you|can we|could we|let's|lets|let us|i(?:'d| would) like (?:you )?to|i want (?:you )?to|we (?:want|need) to|"
    r"i need (?:you )?to|you should|go ahead and|try to|help me|we should|it should|from now on|(?:we|i)(?:'re| are|'m| am) (?=\w+ing\b)|(?:we|i)(?:'ll| will| shall| would)? (?:now )?(?=(?:use|adopt|choose|switch|move|migrate|replace)\b))\b[\s,:]*)+", re.IGNORECASE,
)  # fmt: skip


_SHOULD = re.compile(
    r"^(?!there\b)(?P<a>.+?)\s+(?:(?:should|must|shall|will|can)\s+(?:now\s+|also\s+)?|(?:has|have|needs?|ought|is|are)\s+to\s+)(?:be|become)\s+(?P<b>.+)$",
    re.IGNORECASE,
)
_PASSIVE = {
    "removed": "remove", "deleted": "delete", "dropped": "drop", "replaced": "replace", "swapped": "swap",
    "moved": "move", "placed": "place", "put": "put", "connected": "connect", "linked": "link", "renamed": "rename",
    "split": "split", "merged": "merge", "disconnected": "disconnect", "called": "call", "named": "name",
    "grouped": "group", "scaled": "scale", "migrated": "migrate", "rewritten": "rewrite", "exchanged": "exchange",
}  # fmt: skip


def _ordered(clause: str) -> str:
    """Turn what should be into an order: "the cache should be replaced by Hazelcast" replaces it."""
    match = _SHOULD.match(clause)
    if match is None or re.search(r"\bnot$", match["a"]):
        return clause
    first, _, rest = match["b"].partition(" ")
    if first == "called" and re.match(r"(?:a?synchronously|by\b)", rest):
        return f"make calls to {match['a']} {rest}" if "sync" in rest else clause
    verb = _PASSIVE.get(first.casefold())
    return f"{verb} {match['a']} {rest}".strip() if verb else f"make {match['a']} {match['b']}"


def bare_clause(text: str) -> str:
    """Return a clause without courtesies and end punctuation."""
    text = _POLITE.sub("", text.strip(" \t\n-*•")).strip()
    return re.sub(r"(?:,?\s*(?:please|thanks|thank you|too|as well|now))?[\s.!;]*$", "", text, flags=re.IGNORECASE)


def is_command(text: str) -> bool:
    """Whether a clause begins like a request to change something."""
    return any(pattern.match(bare_clause(text)) for pattern, _ in RULES)


def obey(draft: Draft, text: str) -> bool:
    """Do what one clause asks; False when it is no command. Raises NotUnderstood, Unclear."""
    clause = _ordered(bare_clause(text))
    for pattern, act in RULES:
        match = pattern.match(clause)
        if match and act(draft, match) is not False:
            return True
    return connecting.state(draft, clause)
