"""Screens 5 and 6: what the director reads, what each key does, and what is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from corpsync_tui.queries.change_list import ChangeLine
from corpsync_tui.tui.screens.attention.screen import AttentionScreen
from corpsync_tui.tui.screens.changes.detail import ChangeDialog
from corpsync_tui.tui.screens.changes.screen import ChangesScreen
from corpsync_tui.tui.screens.changes.text import NEW, new_in_words
from corpsync_tui.tui.screens.login.screen import LoginScreen
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from corpsync_tui.tui.shell import CHANGES_MARK
from tests.tui.changes_stage import (
    ELSEWHERE,
    ITEMS,
    NIGHT,
    StageChanges,
    app_at_night,
    hostile,
    line,
    say,
)
from tests.tui.pictures import Compare, look_as_ever
from tests.tui.scenes import HOSTILE
from tests.tui.stage import HEDU, StageApp


def text(app: StageApp) -> str:
    return "\n".join(app.text())


@pytest.mark.anyio
async def test_what_happened_is_grouped_by_run() -> None:
    app = app_at_night()
    async with app.shown("5"):
        assert isinstance(app.screen, ChangesScreen)
        shown = app.screen.lines.text.splitlines()

    assert shown[0] == "●▾ 13:05 Members  +1 −1"
    assert shown[1:3] == ["●    + Aldra Vex joined", "●    − Bero Sand left"]
    assert shown[3].endswith("Wallet  +1")
    assert shown[-1].endswith("too many to keep one by one")


@pytest.mark.anyio
async def test_the_mark_moves_and_lasts() -> None:
    app = app_at_night()
    async with app.shown("5") as pilot:
        assert "● 6 new" in text(app)
        await app.press(pilot, "m")
        assert "nothing new" in text(app)
        assert "●" not in app.screen.query_one("#changes").text  # type: ignore[attr-defined]
        assert app.stage.settings[CHANGES_MARK] == 9
        app.clear_notifications()
        await app.press(pilot, "m")
        assert app.notices[0].sentence == "There is nothing new to mark"


@pytest.mark.anyio
async def test_only_what_is_new_after_the_mark() -> None:
    app = StageApp(app_at_night().stage._snapshot, settings={CHANGES_MARK: 7})
    app.stage.change_log = StageChanges()
    async with app.shown("5") as pilot:
        assert "● 2 new since you looked · 6 changes" in text(app)
        await app.press(pilot, "t")
        assert "2 changes" in text(app)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (["f"], "2 changes: Members"),
        (["f", "f"], "3 changes: Assets"),
        (["e"], "2 changes: all processes · added"),
        (["e", "e", "e"], "2 changes: all processes · removed"),
        (["t", "t"], "6 changes: all processes · all kinds · 24 hours"),
        (["slash", "r", "i", "f", "t", "enter"], "1 of 6 changes: "),
        (["f", "e", "escape"], "6 changes: all processes · all kinds"),
    ],
)
async def test_narrowing(keys: Sequence[str], shown: str) -> None:
    app = app_at_night()
    async with app.shown("5", *keys, size=(120, 30)):
        assert shown in text(app)


def flood(number: int) -> tuple[ChangeLine, ...]:
    """A run that found many journal lines, and took some away."""
    lines = [line(n, 50, "wallet_journal", "added", f"Entry {n}") for n in range(number, 5, -1)]
    gone = [line(n, 50, "wallet_journal", "removed", f"Gone {n}") for n in range(5, 0, -1)]
    return (*lines, *gone)


@pytest.mark.anyio
async def test_a_run_of_many_changes_is_folded_by_kind_and_read_as_it_is_opened() -> None:
    app = app_at_night(flood(1_500))
    async with app.shown("5") as pilot:
        assert isinstance(app.screen, ChangesScreen)
        lines = app.screen.lines
        assert lines.text == "●▸ 15 Mar 00:05 Wallet  +1,495 −5"
        await app.press(pilot, "enter")
        assert [row.strip() for row in lines.text.splitlines()[1:]] == [
            "▸ + 1,495 added",
            "▸ − 5 removed",
        ]
        log = app.stage.change_log
        assert isinstance(log, StageChanges)
        assert not any(which.kind for which in log.asked)
        await app.press(pilot, "j", "enter")
        assert "Entry 1500" in lines.text
        assert "Entry 1300" not in lines.text
        assert "… 1,295 more" in lines.text
        for _ in range(8):
            await app.press(pilot, "G", "k", "k", "k")
        assert "Entry 6" in lines.text
        assert " more" not in lines.text
        await app.press(pilot, "g", "enter")
        assert len(lines.text.splitlines()) == 1


@pytest.mark.anyio
async def test_older_runs_come_as_the_cursor_reaches_the_end() -> None:
    lines = tuple(line(n, n, "member", "added", f"Pilot {n} joined") for n in range(250, 0, -1))
    app = app_at_night(lines)
    async with app.shown("5") as pilot:
        assert isinstance(app.screen, ChangesScreen)
        assert "250 changes: all processes" in text(app)
        shown = app.screen.lines
        assert "Pilot 151 joined" in shown.text
        assert "Pilot 150 joined" not in shown.text
        await app.press(pilot, "G", "G")
        assert "Pilot 1 joined" in shown.text
        assert "older" not in shown.text


@pytest.mark.anyio
async def test_a_search_says_how_far_it_came_and_goes_on() -> None:
    app = app_at_night(flood(300))
    log = app.stage.change_log
    assert isinstance(log, StageChanges)
    log.at_once = 100
    async with app.shown("5", "slash", *"entry", "enter") as pilot:
        assert "100+ of 300 changes" in text(app)
        await app.press(pilot, "G")
        assert "200+ of 300 changes" in text(app)
        await app.press(pilot, "G")
        assert "295 of 300 changes" in text(app)


@pytest.mark.anyio
async def test_enter_shows_before_and_after() -> None:
    app = app_at_night()
    async with app.shown("5", "j", "enter") as pilot:
        assert isinstance(app.screen, ChangeDialog)
        assert "Quantity: 100 → 60" in app.screen.text
        assert "Services: Market online → offline\nClone Bay new" in app.screen.text
        assert "esc closes" in text(app)
        assert "What: Aldra Vex joined" in app.screen.text
        await app.press(pilot, "escape", "escape")
        assert isinstance(app.screen, SyncScreen)


@pytest.mark.anyio
async def test_a_run_opens_into_its_changes() -> None:
    app = app_at_night()
    async with app.shown("3", "enter", "d"):
        assert isinstance(app.screen, ChangesScreen)
        assert "(esc goes back)" in text(app)
        news = app.stage.change_log
        assert isinstance(news, StageChanges)
        assert news.asked[-1].run_id is not None


@pytest.mark.anyio
async def test_an_empty_log_says_so() -> None:
    app = app_at_night(())
    async with app.shown("5", size=(80, 24)) as pilot:
        assert "Nothing has changed since the first sync" in text(app)
        await app.press(pilot, "y")
        assert app.notices[0].sentence == "There is no change to copy"
    app = app_at_night()
    async with app.shown("5", "slash", *"zzz", "enter", "y"):
        assert "No matching changes" in text(app)
        assert app.notices[0].sentence == "There is no change to copy"
        assert app.clipboard == ""


@pytest.mark.anyio
async def test_the_list_and_the_summary_follow_the_watch() -> None:
    app = app_at_night()
    async with app.shown() as pilot:
        say(app, *ITEMS)
        await pilot.pause()
        assert "6 Attention·3" in text(app)
        await app.press(pilot, "6")
        assert isinstance(app.screen, AttentionScreen)
        assert "4 alerts · ✗ 2 urgent · ! 1 to do · 1 info · enter opens" in text(app)
        say(app, ITEMS[3])
        await pilot.pause()
        assert "1 alert · 1 info" in text(app)
        assert "Accountant" not in text(app)
        say(app)
        await pilot.pause()
        assert "Nothing needs attention" in text(app)


@pytest.mark.anyio
async def test_each_line_is_dealt_with_by_its_key() -> None:
    app = app_at_night()
    async with app.shown() as pilot:
        say(app, *ITEMS)
        await app.press(pilot, "6", "r")
        assert ("sync_now", f"{HEDU}/wallet") in app.stage.asked
        await app.press(pilot, "j", "enter")
        assert isinstance(app.screen, LoginScreen)
        await app.press(pilot, "escape", "G", "enter")
        assert isinstance(app.screen, ChangesScreen)
        assert "one row of member" in text(app)
        await app.press(pilot, "6", "m")
        news = app.stage.change_log
        assert isinstance(news, StageChanges)
        assert news.seen == 1


@pytest.mark.anyio
async def test_all_alerts_are_marked_as_seen_and_the_key_says_so() -> None:
    app = app_at_night(two=True)
    news = app.stage.change_log
    async with app.shown("6") as pilot:
        say(app, ITEMS[3], replace(ELSEWHERE, seen=False))
        await app.press(pilot, "question_mark")
        assert "Call everything seen, also what is not shown" in text(app)
        await app.press(pilot, "escape", "slash", *"vex", "enter")
        assert "ready to deliver" not in text(app)  # the one that is new
        await app.press(pilot, "m")
        assert news.seen == 1
        assert app.notices[0].sentence == (
            "All alerts are marked as seen, also those that are not shown"
        )
        say(app, ITEMS[3], replace(ELSEWHERE, seen=True))
        await app.press(pilot, "m")
        assert news.seen == 1
        assert app.notices[0].sentence == "All of it is seen already"


@pytest.mark.anyio
async def test_what_one_rule_found_in_numbers_is_one_line_until_it_is_opened() -> None:
    app = app_at_night()
    many = [replace(ITEMS[3], dedupe_key=str(n), sentence=f"Pilot {n} left") for n in range(1, 126)]
    async with app.shown() as pilot:
        say(app, ITEMS[0], *many)
        await app.press(pilot, "6")
        assert "126 alerts" in text(app)
        assert "▸ 125 members came or left: Pilot 1 left, …" in text(app)
        assert "Pilot 2 left" not in text(app)
        await app.press(pilot, "j", "enter")
        assert "Pilot 2 left" in text(app)
        await app.press(pilot, "enter")
        assert "Pilot 2 left" not in text(app)


@pytest.mark.anyio
async def test_a_line_its_rule_or_its_row_can_be_muted_and_all_be_lifted() -> None:
    app = app_at_night()
    async with app.shown() as pilot:
        say(app, *ITEMS)
        await app.press(pilot, "6", "x")
        assert "Everything this rule finds, for 7 days" in text(app)
        await app.press(pilot, "enter", "x", "j", "j", "j", "j", "j", "enter", "x")
        await app.press(pilot, "end", "enter")
        assert [asked for asked in app.stage.asked if "mute" in str(asked[0])] == [
            ("mute", "alert", ITEMS[0].fact, 86_400.0),
            ("mute", "rule", ITEMS[0].fact, None),
            ("unmute_all",),
        ]


@pytest.mark.anyio
async def test_a_line_of_many_says_what_and_at_how_many_places() -> None:
    app = app_at_night()
    jobs = [
        replace(ITEMS[2], dedupe_key=str(n), sentence=f"Jita {n % 12}: job {n} is ready")
        for n in range(84)
    ]
    async with app.shown() as pilot:
        say(app, *jobs)
        await app.press(pilot, "6")
        assert "▸ 84 jobs ready at 12 places: Jita 0: job 0 is ready, …" in text(app)
        await app.press(pilot, "x")
        assert "Everything this rule finds" in text(app)
        assert "This alert" not in text(app)


@pytest.mark.anyio
async def test_the_list_is_narrowed_by_words_and_by_level() -> None:
    app = app_at_night()
    async with app.shown() as pilot:
        say(app, *ITEMS)
        await app.press(pilot, "6", "slash", *"vex", "enter")
        assert "1 alert of 4 · 1 info · “vex”" in text(app)
        await app.press(pilot, "escape", "f")
        assert "2 alerts of 4 · ✗ 2 urgent" in text(app)
        await app.press(pilot, "f", "f", "y")
        assert app.clipboard == "Aldra Vex joined"
        await app.press(pilot, "escape")
        assert "4 alerts · " in text(app)
        assert isinstance(app.screen, AttentionScreen)
        await app.press(pilot, "escape")
        assert isinstance(app.screen, SyncScreen)


@pytest.mark.anyio
async def test_where_an_alert_was_sent_a_test_and_the_way_to_mute_it() -> None:
    app = app_at_night()
    async with app.shown(size=(80, 24)) as pilot:
        say(app, *ITEMS)
        await app.press(pilot, "6", "j", "j", "A")
        shown = text(app)
        assert "Maurasi - Assembly Line" in shown
        assert "discord   from medium discord.com       sent, found 13:30" in shown
        assert "not sent: medium is below high" in shown
        await app.press(pilot, "j", "j", "t")
        assert app.stage.asked[-1] == ("test_alerts", "terminal")
        assert app.notices[0].sentence == "✓ terminal: 204"
        await app.press(pilot, "x", "enter")
        assert app.stage.asked[-1][:2] == ("mute", "alert")


@pytest.mark.anyio
async def test_what_is_new_is_a_notice_and_rings_if_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_at_night()
    rung: list[bool] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append(True))
    async with app.shown(notifications=True):
        say(app, *ITEMS, new=ITEMS[2:3])
        assert app.notices[0].sentence == ITEMS[2].sentence
        say(app, *ITEMS)
        assert len(app.notices) == 1
        assert rung == []
        say(app, *ITEMS, new=ITEMS[:3], rings=True)
        assert app.notices[0].sentence == f"3 new alerts (6): {new_in_words(ITEMS[:1])}"
        assert rung == [True]


@pytest.mark.anyio
async def test_one_corporation_of_two() -> None:
    app = app_at_night(two=True)
    async with app.shown() as pilot:
        say(app, ITEMS[0], ELSEWHERE)
        await app.press(pilot, "6")
        assert "2 alerts" in text(app)
        assert "SLSV" in text(app)
        app.narrow(HEDU)
        await app.press(pilot, "1", "6")
        assert "1 alert" in text(app)


@pytest.mark.anyio
async def test_hostile_texts_harm_nobody() -> None:
    app = app_at_night(hostile())
    async with app.shown(size=(80, 24), notifications=True) as pilot:
        bad = replace(ITEMS[0], sentence=HOSTILE)
        say(app, bad, new=(bad,))
        for keys in (["5"], ["j", "enter"], ["escape", "6"]):
            await app.press(pilot, *keys)
            assert "[HELD]" in text(app)
            assert not any(c in text(app) for c in "\x1b\x07\u202e")


NEWS_PICTURES: list[tuple[str, Sequence[str], tuple[Any, ...], bool]] = [
    ("sync-attention", ["1"], NIGHT, True),
    ("changes", ["5"], NIGHT, False),
    ("changes-filtered", ["5", "f", "f", "e", "e"], NIGHT, False),
    ("changes-nothing", ["5"], (), False),
    ("changes-hostile", ["5"], hostile(), False),
    ("change", ["5", "j", "enter"], NIGHT, False),
    ("attention", ["6", "j", "j"], NIGHT, True),
    ("attention-nothing", ["6"], NIGHT, False),
]


@pytest.mark.parametrize("picture", NEWS_PICTURES, ids=[p[0] for p in NEWS_PICTURES])
def test_picture(picture: Any, snap_compare: Compare) -> None:
    _, keys, lines, busy = picture

    async def act(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, StageApp)
        await app.settle(pilot)
        if busy:
            say(app, *ITEMS)
        await app.press(pilot, *keys)

    look_as_ever(app_at_night(lines), snap_compare, act)


@pytest.mark.anyio
async def test_dots_go_as_soon_as_all_is_marked_as_seen() -> None:
    app = app_at_night()
    async with app.shown("5") as pilot:
        assert text(app).count(NEW) > len(NIGHT)  # the line of state has one, too
        assert "5 Changes·6" in text(app)
        await app.press(pilot, "m")
        assert NEW not in text(app)
        assert "5 Changes " in text(app)


@pytest.mark.anyio
async def test_a_window_too_small_shows_nothing_of_the_list() -> None:
    app = app_at_night()
    async with app.shown(size=(40, 10)) as pilot:
        say(app, *ITEMS)
        await app.press(pilot, "6", "slash", *"vex", "enter", "j")
        assert text(app).split() == ["too", "small", "(60×15", "at", "least)"]
