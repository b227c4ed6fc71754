"""How a diagram looks: colours of both themes and one small drawing for each type of node."""

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "canvas": "#ffffff", "box": "#ffffff", "text": "#1b2430", "muted": "#5d6b7c", "line": "#77869a",
    "group": "#f5f7fa", "group-line": "#c3ccd8", "edge-text": "#3f4d5f",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "canvas": "#12171f", "box": "#1b222d", "text": "#e8edf4", "muted": "#9aa8ba", "line": "#8796aa",
    "group": "#171d27", "group-line": "#3b4758", "edge-text": "#bcc8d6",
}  # fmt: skip

_FAMILIES: tuple[tuple[str, str, str], ...] = (
    ("client web mobile user", "#3b6fd4", "#7ea6f4"),
    ("gateway loadbalancer cdn dns network", "#7a52c7", "#b197ec"),
    ("service api server function worker scheduler", "#0f8a78", "#52c9b5"),
    ("queue stream", "#c2650f", "#f0a45c"),
    ("cache", "#c43d52", "#f08a99"),
    ("database storage search vectordb warehouse", "#2676a8", "#6cb8e6"),
    ("ml llm", "#a13fa0", "#dc8cdb"),
    ("auth monitoring external group", "#5d6b7c", "#9aa8ba"),
)
ACCENTS: Mapping[str, tuple[str, str]] = {
    kind: (light, dark) for kinds, light, dark in _FAMILIES for kind in kinds.split()
}
"""The accent of each node type, in the light and in the dark theme."""

_CYLINDER = "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6"
ICONS: Mapping[str, str] = {
    "client": "M3 5h18v11H3zM9 20h6M12 16v4",
    "web": "M3 5h18v14H3zM3 9h18M6 7h.1M8.5 7h.1",
    "mobile": "M7 3h10v18H7zM11 18h2",
    "user": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 20c1-4 4-5.500 8-5.500s7 1.500 8 5.500",
    "gateway": "M5 20V9l7-5 7 5v11M9 20v-7h6v7",
    "loadbalancer": "M3 12h6M9 12l6-6h5M9 12h11M9 12l6 6h5",
    "cdn": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c-5 5.500-5 12.500 0 18M12 3c5 5.500 5 12.500 0 18",
    "dns": "M4 4h16v6H4zM4 14h16v6H4zM7 7h.1M7 17h.1M11 7h6M11 17h6",
    "network": "M12 3l8 3v6c0 5-3.500 8-8 9-4.500-1-8-4-8-9V6z",
    "service": "M12 3l8 4.500v9L12 21l-8-4.500v-9zM4 7.500l8 4.500 8-4.500M12 12v9",
    "api": "M8 5c-3 0-1 6-4 7 3 1 1 7 4 7M16 5c3 0 1 6 4 7-3 1-1 7-4 7M12 9v.1M12 15v.1",
    "server": "M5 3h14v18H5zM8 7h8M8 11h8M9 17h.1",
    "function": "M5 20l6-16h2l6 16M8.500 20L13 9",
    "worker": "M12 8.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM12 3v3M12 18v3M3 12h3M18 12h3"
    "M5.600 5.600l2.100 2.100M16.300 16.300l2.100 2.100M18.400 5.600l-2.100 2.100M7.700 16.300l-2.100 2.100",
    "scheduler": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l4 2",
    "queue": "M3 7h5v10H3zM10 7h5v10h-5zM17 12h4M19 9.500l2.500 2.500-2.500 2.500",
    "stream": "M3 8c3-3 6-3 9 0s6 3 9 0M3 13c3-3 6-3 9 0s6 3 9 0M3 18c3-3 6-3 9 0s6 3 9 0",
    "cache": "M13 3L5 13h6l-1 8 9-11h-6z",
    "database": _CYLINDER + "M4 12c0 1.700 3.600 3 8 3s8-1.300 8-3",
    "storage": "M4 6h16l-2 14H6zM4 6l2-3h12l2 3M9 11h6",
    "search": "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
    "vectordb": _CYLINDER + "M8 17l3-4 2 2 3-4",
    "warehouse": "M3 20V9l9-5 9 5v11M7 20v-8h10v8M7 16h10",
    "auth": "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 15v2",
    "ml": "M6 6h.1M6 18h.1M12 12h.1M18 6h.1M18 18h.1M6 6l6 6 6-6M6 18l6-6 6 6",
    "llm": "M12 3l2 6 6 3-6 3-2 6-2-6-6-3 6-3z",
    "monitoring": "M3 13h4l3-8 4 14 3-6h4",
    "external": "M11 5H5v14h14v-6M14 4h6v6M20 4l-9 9",
    "group": "M3 7V4h3M18 4h3v3M21 17v3h-3M6 20H3v-3",
}
"""Strokes of an icon in a square of 24 by 24."""
