"""What people write in is drawn from fonts that come along, whatever the machine has."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from archwright.formats import png

WORDS = [
    "→ ≤ ≥ ≠ ✓", "Письмо αβγ Ünï", "漢字 データベース 订单服务 訂單", "주문 서비스", "שלום עולם", "مرحبا بالعالم",
    "हिन्दी सेवा", "บริการ", "বাংলা", "தமிழ்", "Հայերեն", "ქართული",
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_each_letter_is_in_a_font_that_comes_along(words):
    known = {letter for path in png._fonts() for letter in TTFont(Path(path), lazy=True).getBestCmap()}
    assert [letter for letter in words if ord(letter) not in known] == []
