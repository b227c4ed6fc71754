"""Whether a request is plainly about something else than systems."""

import re

from archwright.model.offline.conversation import Conversation
from archwright.model.offline.patterns import best

_THINGS = r"(?:poems?|haikus?|limericks?|songs?|lyrics|jokes?|stor(?:y|ies)|fairy tales?|riddles?|essays?|novels?|recipes?|love letters?|speech(?:es)?|horoscopes?|homework)"
_ELSEWHERE = re.compile(
    rf"\b(?:write|compose|tell|sing|recite|make up|give)\b(?:\s+(?:me|us|my \w+|a|an|the|some|another|short|long|funny|little|nice|good|sad|love|bedtime))*\s+{_THINGS}(?=\W*$|[.!?,;]|\s+(?:about|for|on|of|that|to|in|with)\b)"
    r"|\b(?:what|how)(?:'s| is| will| was|'ll)?\s+(?:the\s+|be\s+the\s+)*weather\b|\bweather\s+(?:today|tomorrow|forecast for|like|in [A-Z])"
    r"|\bwill it (?:rain|snow)\b|\b(?:what|which) is the capital of\b|\bwho (?:won|is the president|was the)\b|\bwhat(?:'s| is) the (?:time|date|meaning of life)\b"
    r"|\bhow are you\b|\bwho are you\b|\btranslate\b.{1,80}\b(?:to|into) (?:english|german|french|spanish|italian|chinese|japanese|russian)\b"
    r"|\bhow (?:do i|to) (?:cook|bake|lose weight)\b|\bwhat is \d+\s*[-+*/x×]\s*\d+|\bhow old (?:is|are)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|good (?:morning|evening|day)|thanks?|thank you|thx|ok(?:ay)?|bye)(?:\s+(?:there|all|you|very much|a lot))*\W*$",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    r"\b(?:apps?|applications?|systems?|services?|platforms?|websites?|sites?|architectures?|diagrams?|databases?|apis?|bots?|chatbots?|backends?|frontends?|clients?|"
    r"servers?|pipelines?|software|components?|nodes?|caches?|queues?|workers?|gateways?|edges?|connections?|groups?|generators?|engines?|stacks?)\b",
    re.IGNORECASE,
)


def is_elsewhere(conversation: Conversation) -> bool:
    """Whether a request is a greeting, or asks for a poem, the weather and the like: no word of it is about a system
    or stands in the diagram. When in doubt it is not."""
    text = conversation.request
    if _GREETING.match(text):
        return True
    found = _ELSEWHERE.search(text)
    if found is None or _SYSTEM.search(text) or best(text):
        return False
    labels = {
        word for node in conversation.diagram.nodes.values() for word in re.findall(r"\w{4,}", node.label.casefold())
    }
    return not labels & set(re.findall(r"\w{4,}", text.casefold()))
