"""How much room text takes, from a table of widths, so that every machine measures the same."""

from functools import lru_cache

_EM = {
    **dict.fromkeys("iljI.,:;'|!", 0.28),
    **dict.fromkeys('ftr()[]{}/\\-" ', 0.36),
    **dict.fromkeys("mwMW@%", 0.92),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ&", 0.72),
    **dict.fromkeys("0123456789", 0.58),
}
_OTHER = 0.57
_WIDE = 1.05


def text_width(text: str, size: float) -> float:
    """Return the width of one line, in canvas units, at a font size; a little generous."""
    return sum(_EM.get(char) or (_OTHER if ord(char) < 0x1100 else _WIDE) for char in text) * size


@lru_cache(maxsize=8_192)
def wrap(text: str, width: float, size: float) -> tuple[str, ...]:
    """Break text into lines no wider than `width`; a word that is wider is broken in itself."""
    lines, line = list[str](), ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if text_width(joined, size) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _broken(word, width, size)
        lines += full
    return (*lines, line) if line or not lines else tuple(lines)


def _broken(word: str, width: float, size: float) -> list[str]:
    parts, part = list[str](), ""
    for char in word:
        if part and text_width(part + char, size) > width:
            parts.append(part)
            part = ""
        part += char
    return [*parts, part]
