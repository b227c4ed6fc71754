"""What the README says is so."""

from pathlib import Path

from archwright.settings import Settings
from archwright.templates import templates

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table() -> None:
    own = {name: name.upper() for name in ("anthropic_api_key", "anthropic_base_url", "listen_fds", "listen_pid")}
    names = [own.get(name, f"ARCHWRIGHT_{name.upper()}") for name in Settings.model_fields if name != "display"]
    assert [name for name in names if f"| `{name}` |" not in README] == []


def test_its_pictures_are_there() -> None:
    for picture in ("docs/editor.png", "docs/chat.svg"):
        assert picture in README
        assert 0 < (Path(__file__).parents[1] / picture).stat().st_size < 300_000


def test_every_template_can_be_read() -> None:
    assert len(templates()) >= 8
    assert all(read().nodes for read in templates().values())
