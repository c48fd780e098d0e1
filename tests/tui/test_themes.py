"""Every theme can be read: text, the row under the cursor, the keys below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from textual.color import Color
from textual.filter import DimFilter, LineFilter
from textual.screen import ModalScreen
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input, OptionList

from corpsync_tui.tui.theme import CORPSYNC, LEAST_CONTRAST, LEAST_MUTED, contrast
from tests.support.database import insert, make_database
from tests.tui.data_stage import DataApp, fill
from tests.tui.scenes import SCENES
from tests.tui.stage import HEDU, StageApp
from tests.tui.terminal import terminal
from tests.tui.test_terminal import opened

RGB_THEMES = [name for name, theme in BUILTIN_THEMES.items() if not theme.ansi] + [CORPSYNC.name]
STATES: list[Sequence[str]] = [
    ["2", "j"],
    ["slash"],
    ["escape", "question_mark"],
    ["escape", "colon"],
    ["escape", "1"],
    ["i"],
]
"""Each goes on from the one before: few screens change, which takes the most time."""
NO_TEXT = {chr(code) for code in range(0x2500, 0x25A0)}
"""Lines, bars and scrollbars: Unicode's box drawing and block elements."""


class Undimmed(DataApp):
    """Dim text is painted as such, so that it can be told from the rest."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """All but the one that blends dim text with its ground."""
        return [f for f in super().get_line_filters() if not isinstance(f, DimFilter)]


def unreadable(app: StageApp) -> Iterator[tuple[str, float]]:
    """Of the screen in front, or of its box, each text that is too weak, and its contrast."""
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
                ground = Color.from_rich_color(style.bgcolor)
                color = Color.from_rich_color(style.color)
                if style.dim:
                    color = ground.blend(color, 0.5)
                ratio = contrast(color, ground)
                if ratio < LEAST_MUTED or (
                    ratio < LEAST_CONTRAST
                    and not (style.dim or is_muted(app, text.strip(), color, ground))
                ):
                    yield text.strip(), round(ratio, 2)


def is_muted(app: StageApp, text: str, color: Color, ground: Color) -> bool:
    """Whether text is what a field asks for, or painted on the way to its ground already."""
    if any(text in field.placeholder for field in app.screen.query(Input)):
        return True
    names = ("foreground", "block-cursor-foreground", "block-cursor-blurred-foreground")
    blends = (
        ground.blend(Color.parse(app.theme_variables[name]), share / 100)
        for name in names
        for share in range(45, 76)
    )
    return any(
        max(abs(a - b) for a, b in zip(blend.rgb, color.rgb, strict=True)) <= 3 for blend in blends
    )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path, fill)


@pytest.mark.anyio
async def test_every_text_of_every_theme_can_be_read(database: Path) -> None:
    app = Undimmed(database, data={"table": "asset"})
    weak = []
    async with app.run_test(size=(100, 30)) as pilot:
        await app.wait(pilot)
        for theme in RGB_THEMES:
            app.theme = theme
            for keys in STATES:
                await pilot.press(*keys)
                await app.wait(pilot)
                weak += [(theme, *keys, *found) for found in unreadable(app)]
            await pilot.press("escape")
            await app.wait(pilot)
    app.browser.close()
    assert not weak, "\n".join(map(str, weak))


@pytest.mark.anyio
async def test_what_comes_in_and_goes_out_has_its_colour_in_every_theme(database: Path) -> None:
    amounts = {1: 1.0, 2: 5e6, 3: -7e6}
    for number, amount in amounts.items():
        row = {"corporation_id": HEDU, "division": 1, "description": "", "ref_type": "x"}
        insert(
            database, "wallet_journal", **row, id=number, amount=amount, date=f"2026-03-1{number}"
        )
    app = DataApp(
        database, data={"table": "wallet_journal", "orders": {"wallet_journal": ["id", False]}}
    )
    async with app.run_test(size=(100, 30)) as pilot:
        await app.wait(pilot)
        for theme in RGB_THEMES:
            app.theme = theme
            await pilot.pause()
            for line, tone in ((2, "success"), (3, "error")):
                cells = app.data.grid.render_line(line)
                (style,) = [s.style for s in cells if s.style and "000,000.00" in s.text]
                assert style.color is not None
                assert style.bgcolor is not None
                color, ground = (Color.from_rich_color(c) for c in (style.color, style.bgcolor))
                assert color == Color.parse(app.theme_variables[f"text-{tone}"]), theme
                assert contrast(color, ground) >= LEAST_CONTRAST, theme
    app.browser.close()


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
    with terminal("error", environ=plain) as program:
        opened(program)
        assert (b"38;5;" not in program.output and b"38;2;" not in program.output) == few
        assert b"error" in program.output
