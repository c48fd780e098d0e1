"""Whatever a terminal sends: only keys act as keys, and nothing ends the reading."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from corpsync_tui.tui.terminal_input import SEQUENCE_SECONDS, TerminalInput

LATE_ANSWERS = {
    "device attributes": b"\x1b[?62;4;22c",
    "version": b"\x1bP>|xterm(396)\x1b\\",
    "background": b"\x1b]11;rgb:1e1e/aaaa/ssss\x1b\\",
    "background, ended by BEL": b"\x1b]11;rgb:1e1e/aaaa/ssss\x07",
    "clipboard": b"\x1b]52;c;cXBzIGE=\x07",
    "graphics": b"\x1b_Gi=31;OK p\x1b\\",
    "window size": b"\x1b[8;24;80t",
    "cursor position": b"\x1b[12;40R",
    "a mode": b"\x1b[?2048;2$y",
    "a size in band": b"\x1b[48;1;1;1;0t",
    "kitty's flags": b"\x1b[?25u",
    "eight bits": b"\x9b?62;4c",
    "eight bits, a string": b"\x90>|xterm q\x9c",
    "old mouse": b"\x1b[M q\xff",
    "urxvt's mouse": b"\x1b[32;3;4M",
    "a released key": b"\x1b[113;1:3u",
    "a key that is no character": b"\x1b[55555;5u",
    "another button": b"\x1b[<128;3;4M",
    "the number pad's middle, on Linux's console": b"\x9bG",
}


class Typist:
    """Feeds bytes and lets time go by."""

    def __init__(self) -> None:
        self.time = 0.0
        self.input = TerminalInput(lambda: self.time)

    def reads(self, *data: bytes, pause: float = 0.0) -> list[str]:
        """What the app hears of these reads, with a pause after each."""
        heard: list[Message] = []
        for part in data:
            heard += self.input.feed(part)
            self.time += pause
            heard += self.input.tick()
        return names(heard)


def names(messages: Iterable[Message]) -> list[str]:
    return [m.key if isinstance(m, events.Key) else type(m).__name__ for m in messages]


@pytest.mark.parametrize("answer", LATE_ANSWERS.values(), ids=LATE_ANSWERS)
def test_a_late_answer_presses_no_key(answer: bytes) -> None:
    assert Typist().reads(answer, b"j") == ["j"]


@pytest.mark.parametrize("answer", LATE_ANSWERS.values(), ids=LATE_ANSWERS)
def test_nor_does_one_that_is_cut_in_two(answer: bytes) -> None:
    for place in range(1, len(answer) - 1):
        heard = Typist().reads(answer[:place], answer[place:], b"j", pause=0.5)
        assert heard in (["j"], ["escape", "j"]), place


def test_a_string_that_never_ends_holds_the_keys_for_a_moment_only() -> None:
    typist = Typist()
    assert typist.reads(b"\x1bP", b"s", pause=SEQUENCE_SECONDS / 2) == []
    assert typist.reads(b"s") == ["s"]


@pytest.mark.parametrize(
    ("keys", "heard"),
    [
        (b"q", ["q"]),
        ("é€".encode(), ["é", "euro_sign"]),
        (b"\x1b[A\x1bOB\x1b[1;5C", ["up", "down", "ctrl+right"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
        (b"\x1b[Z\x1b[3~\x1bOP\x1b[[A", ["shift+tab", "delete", "f1", "f1"]),
        (b"\x1b[97u\x1b[97:65;2:1;65u\x1b[27u\x1b[13;1:2u", ["a", "A", "escape", "enter"]),
        (b"\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;3;4M", ["MouseDown", "MouseUp", "MouseScrollUp"]),
        (b"\x1b[200~jq\x1b[201~j", ["Paste", "j"]),
        (b"\x1b[I\x1b[O", ["AppFocus", "AppBlur"]),
    ],
)
def test_keys_are_keys_however_they_are_cut(keys: bytes, heard: list[str]) -> None:
    assert Typist().reads(keys) == heard
    assert Typist().reads(*(bytes([byte]) for byte in keys), pause=0.01) == heard


def test_esc_is_a_key_after_a_silence() -> None:
    typist = Typist()
    assert typist.reads(b"\x1b", pause=0.05) == []
    assert typist.reads(b"", pause=0.1) == ["escape"]
    assert typist.reads(b"]]") == ["right_square_bracket"] * 2


def test_a_paste_without_an_end_ends_by_itself() -> None:
    typist = Typist()
    assert typist.reads(b"\x1b[200~abc", pause=SEQUENCE_SECONDS) == ["Paste"]
    assert typist.reads(b"q") == ["q"]


def test_every_short_sequence_is_survived() -> None:
    typist = Typist()
    bytes_ = (0, 7, 0x18, 0x1B, *b" 0;<:?MOPIR[]_~ux", 0x80, 0x9B, 0xC3, 0xE2, 0xFF)
    for length in (1, 2, 3):
        for tail in itertools.product(bytes_, repeat=length):
            typist.reads(b"\x1b" + bytes(tail), pause=SEQUENCE_SECONDS)
            assert typist.reads(b"", b"j", pause=SEQUENCE_SECONDS)[-1] == "j", tail


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_are_survived(data: list[bytes]) -> None:
    typist = Typist()
    typist.reads(*data, pause=0.05)
    typist.reads(b"", pause=SEQUENCE_SECONDS)
    typist.reads(b"", pause=SEQUENCE_SECONDS)
    assert typist.reads(b"j")[-1] == "j"
