"""Every theme can be read: text, the row under the cursor, the keys below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from textual.color import Color
from textual.screen import ModalScreen
from textual.theme import BUILTIN_THEMES
from textual.widgets import OptionList

from corpsync_tui.tui.theme import CORPSYNC, LEAST_CONTRAST, LEAST_MUTED, contrast
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.virtual_table import VirtualTable
from tests.support.database import make_database
from tests.tui.data_stage import DataApp, fill
from tests.tui.scenes import SCENES
from tests.tui.stage import StageApp
from tests.tui.terminal import terminal
from tests.tui.test_terminal import opened

RGB_THEMES = [name for name, theme in BUILTIN_THEMES.items() if not theme.ansi] + [CORPSYNC.name]
STATES: list[Sequence[str]] = [["2", "j"], ["1"], ["2", "slash"], ["question_mark"]]
NO_TEXT = {chr(code) for code in range(0x2500, 0x25A0)}
"""Lines, bars and scrollbars: Unicode's box drawing and block elements."""


def shown(app: StageApp) -> Iterator[tuple[int, str, float]]:
    """Of each text of the screen in front, or of its box: line, text and contrast."""
    inside = app.screen.region
    if isinstance(app.screen, ModalScreen):
        inside = app.screen.query(".box").first().region
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for text, style, _ in strip:
            seen, x = inside.contains(x, y), x + len(text)
            if seen and style is not None and set(text) - NO_TEXT - {" "}:
                assert style.color is not None
                assert style.bgcolor is not None
                pair = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
                yield y, text.strip(), contrast(*pair)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path, fill)


@pytest.mark.anyio
async def test_every_text_of_every_theme_can_be_read(database: Path) -> None:
    app = DataApp(database, data={"table": "asset"})
    weak = []
    async with app.run_test(size=(100, 30)) as pilot:
        await app.wait(pilot)
        for theme in RGB_THEMES:
            app.theme = theme
            for keys in STATES:
                await pilot.press(*keys)
                await app.wait(pilot)
                cursor = -1
                if keys == ["2", "j"]:
                    grid = app.screen.query_one(VirtualTable)
                    cursor = grid.region.y + 1 + grid.cursor
                strong = {cursor} | {footer.region.y for footer in app.screen.query(KeyFooter)}
                for y, text, ratio in shown(app):
                    if ratio < (LEAST_CONTRAST if y in strong else LEAST_MUTED):
                        weak.append((theme, *keys, text, round(ratio, 2)))
                await pilot.press("escape")
                await app.wait(pilot)
    app.browser.close()
    assert not weak, "\n".join(map(str, weak))


@pytest.mark.anyio
async def test_a_theme_is_seen_before_it_is_chosen() -> None:
    app = StageApp(SCENES["idle"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await app.settle(pilot)
        app.search_themes()
        await pilot.pause()
        options = app.screen.query_one(OptionList)
        assert options.highlighted is not None
        assert options.get_option_at_index(options.highlighted).id == "corpsync"
        await pilot.press("j")
        assert app.theme == "dracula"
        await pilot.press("escape")
        await app.rest(pilot)
        assert app.theme == "corpsync"
        assert app.stage.settings == {}
        app.search_themes()
        await pilot.pause()
        await pilot.press("j", "enter")
        await app.rest(pilot)
        assert app.theme == "dracula"
        assert app.stage.settings == {"theme": "dracula"}


@pytest.mark.parametrize(("term", "few"), [("xterm", True), ("xterm-256color", False)])
def test_a_terminal_of_16_colours_shows_its_own(term: str, few: bool) -> None:
    plain = {"TERM": term, "COLORTERM": "", "NO_COLOR": ""}
    with terminal("-m", "tests.tui.on_a_pty", "error", environ=plain) as program:
        opened(program)
        assert (b"38;5;" not in program.output and b"38;2;" not in program.output) == few
        assert b"error" in program.output
