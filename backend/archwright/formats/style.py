"""How a diagram looks: the colours of both themes and the rules that use them."""

from collections.abc import Iterable, Mapping

from archwright.formats.brands import Brand

FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
SHADES = 2
"""Groups in groups take these many fills in turn."""

_LIGHT: Mapping[str, str] = {
    "canvas": "#ffffff", "box": "#ffffff", "text": "#18212d", "muted": "#5a6879", "line": "#6d7c90",
    "shade-1": "#f5f7fa", "shade-2": "#ebeff5", "border": "#bcc7d4", "edge-text": "#3a4757",
}  # fmt: skip
_DARK: Mapping[str, str] = {
    "canvas": "#10151c", "box": "#1c2430", "text": "#e8edf4", "muted": "#9dabbc", "line": "#8595a9",
    "shade-1": "#161d27", "shade-2": "#1c2531", "border": "#3d4a5b", "edge-text": "#bfcad8",
}  # fmt: skip

_FAMILIES: tuple[tuple[str, str, str], ...] = (
    ("client web mobile user", "#3566cf", "#86abf7"),
    ("gateway loadbalancer cdn dns network", "#6d4bc0", "#b49cf0"),
    ("service api server function worker scheduler", "#0b8071", "#55ccb9"),
    ("queue stream", "#b3590a", "#f2a860"),
    ("cache", "#bd3650", "#f2909f"),
    ("database storage search vectordb warehouse", "#1f6c9e", "#70bcea"),
    ("ml llm", "#973896", "#df94de"),
    ("auth monitoring external group", "#566475", "#a3b0c0"),
)
_ACCENTS: Mapping[str, tuple[str, str]] = {
    kind: (light, dark) for kinds, light, dark in _FAMILIES for kind in kinds.split()
}
_RULES = f"""\
text{{font-family:{FONT};fill:var(--text)}}
.canvas{{fill:var(--canvas)}}
.title{{font-size:20px;font-weight:600}}
.box{{fill:var(--box);stroke-width:1.4}}
.tile{{fill-opacity:.13}}
.icon{{fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}}
.label{{font-size:14px;font-weight:600}}
.technology{{font-size:11.5px;fill:var(--muted)}}
.group{{stroke:var(--border);stroke-width:1.2;stroke-dasharray:5 4}}
.shade-1{{fill:var(--shade-1)}}.shade-2{{fill:var(--shade-2)}}
.group-label{{font-size:13px;font-weight:600;fill:var(--muted)}}
.group-technology{{font-weight:400}}
.edge{{fill:none;stroke:var(--line);stroke-width:1.5}}
.head{{fill:var(--line)}}
.async{{stroke-dasharray:7 4}}
.data{{stroke-width:2.2}}
.replication{{stroke-width:2.2;stroke-dasharray:2.2 4}}
.depends{{stroke-dasharray:1.5 4}}
.edge-label{{font-size:11px;fill:var(--edge-text);text-anchor:middle}}
.legend{{font-size:11px;fill:var(--muted)}}"""


def accents() -> Mapping[str, tuple[str, str]]:
    """Return the colour of each type of node, on a light and on a dark canvas."""
    return _ACCENTS


def brand_class(colour: str) -> str:
    """Return the class of marks in a colour, six hexadecimal digits."""
    return f"b-{colour.lower()}"


def sheet(kinds: Iterable[str], theme: str, brands: Iterable[Brand] = ()) -> str:
    """Return the style sheet for some node types and marks, in one theme or, for `auto`, in the one that the reader
    prefers."""
    used, marks = sorted(set(kinds)), sorted({brand.hex: brand for brand in brands}.items())
    light, dark = (
        {**own, **_accents(used, at), **_marks(marks, own, bool(at))} for at, own in enumerate((_LIGHT, _DARK))
    )
    own = [f".t-{k} .box,.t-{k} .icon{{stroke:var(--k-{k})}}.t-{k} .tile{{fill:var(--k-{k})}}" for k in used]
    own += [f".{brand_class(colour)}{{fill:var(--{brand_class(colour)})}}" for colour, _ in marks]
    rules = "\n".join([_RULES, *own])
    if theme == "auto":
        return f"{_variables(light)}\n@media (prefers-color-scheme:dark){{{_variables(dark)}}}\n{rules}"
    return f"{_variables(dark if theme == 'dark' else light)}\n{rules}"


def _accents(kinds: Iterable[str], index: int) -> dict[str, str]:
    return {f"k-{kind}": _ACCENTS[kind][index] for kind in kinds}


def _marks(marks: Iterable[tuple[str, Brand]], colours: Mapping[str, str], dark: bool) -> dict[str, str]:
    """Marks too dark or too pale to see on the canvas are drawn in the text's colour."""
    return {brand_class(colour): brand.colour(dark) or colours["text"] for colour, brand in marks}


def _variables(colours: Mapping[str, str]) -> str:
    return f"svg{{{';'.join(f'--{name}:{colour}' for name, colour in colours.items())}}}"
