"""What a terminal, a program and the clock's quiet hours make of a message."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpsync_tui.alerts.addresses import check_address
from corpsync_tui.alerts.outbox import choose
from corpsync_tui.alerts.queue import Waiting
from corpsync_tui.alerts.quiet import digest_day, is_quiet
from corpsync_tui.alerts.sinks.command import fill_in, run_command
from corpsync_tui.alerts.sinks.discord import body_of, count_fitting
from corpsync_tui.alerts.sinks.message import Message
from corpsync_tui.alerts.sinks.post import open_http, post_json
from corpsync_tui.alerts.sinks.terminal import choose_way, sequence_of
from corpsync_tui.clock import Clock
from corpsync_tui.errors import SettingsError
from corpsync_tui.esi.secret import Secret
from corpsync_tui.queries.alerts import LEVELS
from corpsync_tui.settings.alerts import check_alerts

EVIL = "-x \x1b]52;c;aGk=\x07\x9b2J;{title} \u202e"


def message(sentence: str) -> Message:
    item = {"level": "high", "rule": "fuel", "sentence": sentence, "corporation": "Hedion; Freight"}
    return Message((item,))


ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "level": st.sampled_from(LEVELS),
            "rule": st.just("fuel"),
            "sentence": st.builds(
                "{}{}".format,
                st.sampled_from(["A", "-", "+ ", "1. ", "# ", "> ", "*"]),
                st.one_of(st.text(), st.text("*_`@<|:/[\\😀", max_size=9_000)),
            ),
            "corporation": st.text("a*\\😀", max_size=300),
            "since": st.none() | st.floats(1, 4e9),
        }
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=50)
@given(ITEMS, st.booleans())
def test_whatever_is_sent_discord_takes_it_and_shows_it_as_it_stands(
    items: list[dict[str, Any]], digest: bool
) -> None:
    if not digest:
        items = items[: count_fitting(items)]
    body = json.loads(body_of(Message(tuple(items), "Digest" if digest else "")))
    assert body["allowed_mentions"] == {"parse": []}
    assert "content" not in body
    embeds = body["embeds"]
    assert len(embeds) <= 10
    texts = [e.get(k, "") for e in embeds for k in ("title", "description")]
    texts += [e.get("footer", {"text": ""})["text"] for e in embeds]
    assert sum(utf16(text) for text in texts) <= 6_000
    for embed in embeds:
        assert 1 <= utf16(embed["title"]) <= 256
        assert utf16(embed.get("description", "")) <= 4_096
    for text in texts:
        bare = re.sub(r"\\.", "x", text)
        assert not re.search(r"[\\*_~`|<>\[\]()#@]|://|^[-+]", bare, re.MULTILINE)
        assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("count", [15, 20, 30])
def test_a_digest_that_is_too_long_counts_what_it_leaves_out(count: int) -> None:
    (item,) = message("A fact that takes many words. " * 20).items
    (embed,) = json.loads(body_of(Message((item,) * count, "Digest")))["embeds"]
    *shown, last = embed["description"].splitlines()
    assert len(shown) >= 9
    assert last.startswith(f"{count - len(shown)} more \\(fuel {count - len(shown)}\\)")


def test_a_report_that_is_too_long_counts_what_it_leaves_out() -> None:
    lines = [f"Bounty prizes {n} 1,000,000,000 ISK (900,000,000 ISK)" for n in range(100)]
    text = "\n".join([*lines, "In brackets: September"])
    (embed,) = json.loads(body_of(Message((), "October", text)))["embeds"]
    *shown, more, last = embed["description"].splitlines()
    assert (shown, last) == (lines[: len(shown)], "In brackets: September")
    assert more == f"{100 - len(shown)} lines more: corpsync report month"
    assert 4_000 < len(embed["description"]) < 4_096


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("tmux", [False, True])
@pytest.mark.parametrize("way", ["osc9", "osc777", "osc99", "bell"])
def test_no_foreign_byte_steers_the_terminal(way: str, tmux: bool) -> None:
    environ = {"TMUX": "/tmp/tmux-1000/default,1,0"} if tmux else {}
    sequence = sequence_of(message(EVIL), way, environ)
    plain = sequence_of(message("Fuel ends."), way, environ)

    def controls(text: str) -> list[str]:
        return [char for char in text if not char.isprintable()]

    assert controls(sequence) == controls(plain)
    assert sequence.startswith("\x1bPtmux;\x1b\x1b]") is (tmux and way != "bell")


def test_the_sequences_are_those_of_the_terminals() -> None:
    found = {way: sequence_of(message("Fuel; ends."), way, {}) for way in ("osc9", "osc777")}
    assert found == {
        "osc9": "\x1b]9;corpsync: Hedion; Freight: Fuel; ends.\a",
        "osc777": "\x1b]777;notify;corpsync: Hedion, Freight;Fuel, ends.\a",
    }
    assert sequence_of(message("Fuel."), "osc99", {"TMUX": "1"}) == (
        "\x1bPtmux;\x1b\x1b]99;i=corpsync:d=0;corpsync: Hedion; Freight\x1b\x1b\\"
        "\x1b\x1b]99;i=corpsync:p=body;Fuel.\x1b\x1b\\\x1b\\"
    )


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM_PROGRAM": "iTerm.app"}, "osc9"),
        ({"TERM_PROGRAM": "WezTerm"}, "osc777"),
        ({"TERM": "foot"}, "osc777"),
        ({"TERM": "xterm-256color"}, "bell"),
    ],
)
def test_auto_goes_by_the_terminal(environ: dict[str, str], way: str) -> None:
    assert choose_way("auto", environ) == way


@pytest.mark.anyio
async def test_a_program_is_run_without_a_shell(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    script = f"import sys; open({str(heard)!r}, 'w').write(repr(sys.argv[1:]))"
    words = [sys.executable, "-c", script, "{title}", "{text}"]
    answer = await run_command(words, message("$(touch /tmp/x); `id` {title}"))
    assert answer.accepted
    assert heard.read_text() == repr(["corpsync: Hedion; Freight", "$(touch /tmp/x); `id` {title}"])
    assert not (await run_command([sys.executable, "-c", "exit(3)"], message("x"))).accepted
    assert not (await run_command(["/does/not/exist"], message("x"))).accepted


def test_text_from_outside_is_never_an_option() -> None:
    assert fill_in(["notify", "{text}"], message("--exec=evil")) == ["notify", " --exec=evil"]


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.usefixtures("berlin")
def test_quiet_hours_follow_the_wall_clock_over_summer_time() -> None:
    quiet = "23:00-07:00"
    moments = {
        "2026-03-28 21:59": False,  # 22:59 in winter
        "2026-03-28 22:00": True,
        "2026-03-29 04:59": True,  # 06:59 in summer
        "2026-03-29 05:00": False,
        "2026-10-25 05:59": True,  # 06:59 in winter
        "2026-10-25 06:00": False,
    }
    assert {m: is_quiet(quiet, "local", at(m)) for m in moments} == moments
    assert is_quiet(quiet, "eve", at("2026-03-29 06:59"))
    assert is_quiet("02:00-02:30", "local", at("2026-10-25 00:15"))
    assert is_quiet("02:00-02:30", "local", at("2026-10-25 01:15"))


def test_the_day_of_a_digest_begins_at_its_time() -> None:
    assert digest_day("12:00", at("2026-10-25 11:59")) == "2026-10-24"
    assert digest_day("12:00", at("2026-10-25 12:00")) == "2026-10-25"


@pytest.mark.parametrize(
    ("name", "url", "good"),
    [
        ("discord", "https://discord.com/api/webhooks/1/x", True),
        ("discord", "https://ptb.discord.com/api/webhooks/1/x", True),
        ("discord", "http://127.0.0.1:8080/x", True),
        ("discord", "https://discord.com.evil.example/api/webhooks/1/x", False),
        ("discord", "http://discord.com/api/webhooks/1/x", False),
        ("discord", "https://discord.com@evil.example/x", False),
        ("webhook", "https://ntfy.example/mine", True),
        ("webhook", "http://ntfy.example/mine", False),
        ("webhook", "ftp://ntfy.example/mine", False),
        ("webhook", "https://1.2.3.999/mine", False),
        ("webhook", "https://xn--zz/mine", False),
    ],
)
def test_which_addresses_are_accepted(name: str, url: str, good: bool) -> None:
    if good:
        check_address(name, Secret(url))
        return
    with pytest.raises(SettingsError) as caught:
        check_address(name, Secret(url))
    assert url not in str(caught.value)


def test_one_alert_of_the_quiet_hours_is_one() -> None:
    held = Waiting(1, "fact", "low", "{}", 0.0, 0, 0.0, "held")
    assert choose("webhook", [held], quiet=False)[1] == "corpsync: 1 alert of the quiet hours"


@pytest.mark.anyio
async def test_a_webhook_on_this_computer_that_does_not_run_is_called_no_simulator() -> None:
    clock = Clock()
    http = open_http(clock, "")
    answer = await post_json(http, clock, Secret("http://127.0.0.1:9/mine"), b"{}")
    await http.aclose()
    assert answer.sentence.startswith("127.0.0.1 refuses the connection: nothing runs there now")


@pytest.mark.parametrize(
    "table",
    [
        {"discord": "loud"},
        {"discord_mention": "@everyone"},
        {"terminal_way": "osc1"},
        {"command": "rm -rf"},
        {"quiet": "25:00-07:00"},
        {"digest": "noon"},
        {"report": "webhook"},
        {"mute": [1]},
        {"slack": "high"},
    ],
)
def test_a_wrong_setting_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"alerts.{next(iter(table))} is"):
        check_alerts({"alerts": table})


def test_a_wrong_place_for_reports_is_refused_in_one_sentence() -> None:
    with pytest.raises(
        ValueError, match=r'^alerts\.report is wrong; it must be "off" or "discord"$'
    ):
        check_alerts({"alerts": {"report": True}})


@pytest.mark.parametrize("tmux", [False, True])
def test_a_notification_reaches_the_terminal(tmp_path: Path, tmux: bool) -> None:
    master, slave = pty.openpty()
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("CORPSYNC_", "TMUX"))}
    environ |= {"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_KEYRING": "file", "TERM": "foot"}
    environ |= {"TMUX": "/tmp/tmux,1,0"} if tmux else {}
    command = (sys.executable, "-m", "corpsync_tui", "alert", "test", "terminal")
    result = subprocess.run(command, env=environ, stdout=subprocess.PIPE, stderr=slave, timeout=60)
    os.close(slave)
    written = os.read(master, 4_096)
    os.close(master)
    assert result.returncode == 0
    begin = b"\x1bPtmux;\x1b\x1b]" if tmux else b"\x1b]"
    end = b"\a\x1b\\" if tmux else b"\a"
    text = b"777;notify;corpsync: corpsync;This is a test: alerts arrive here."
    assert written == begin + text + end
