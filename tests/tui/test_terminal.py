"""What really reaches a terminal: no foreign escape sequence, nothing at rest, a clean end."""

from __future__ import annotations

import re
import signal

import pytest

from tests.tui.terminal import Terminal, terminal

SHOWN = b"1049h"
"""The switch to the alternate screen."""
LEFT = b"\x1b[?1049l"
"""The switch back."""
TITLE = re.compile(rb"\x1b\]2;([^\x07]*)\x07")


def opened(program: Terminal) -> None:
    program.until(SHOWN)
    program.until(b"EVE")
    program.settle()


@pytest.mark.parametrize("keys", [b"", b"j\r", b"h\t", b"3", b"?", b"n"], ids=repr)
def test_hostile_text_reaches_no_terminal(keys: bytes) -> None:
    with terminal("-m", "tests.tui.on_a_pty", "hostile") as program:
        opened(program)
        for key in keys:
            program.type(bytes([key]))
            program.settle()
        assert b"owned" in program.output
        assert b"\x1b]0;" not in program.output
        assert "\u202e".encode() not in program.output
        assert "␛".encode() in program.output
        program.signal(signal.SIGTERM)
        assert program.end() == 0


def test_at_rest_not_a_byte_is_written() -> None:
    with terminal("-m", "tests.tui.on_a_pty", "running") as program:
        opened(program)
        assert program.quiet_for(4.0)


def test_q_leaves_the_terminal_as_it_was() -> None:
    with terminal("-m", "tests.tui.on_a_pty", "running") as program:
        opened(program)
        program.type(b"q")
        assert program.end() == 0
        assert LEFT in program.output
        assert b"\x1b[?25h" in program.output
        assert program.output.rindex(b"\x1b[23;0t") > program.output.index(b"\x1b[22;0t")
        assert b"Traceback" not in program.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_in_order(number: signal.Signals) -> None:
    with terminal("-m", "tests.tui.on_a_pty", "running") as program:
        opened(program)
        program.signal(number)
        assert program.end() == 0
        assert LEFT in program.output


@pytest.mark.parametrize(
    ("scene", "title"),
    [
        ("idle", "corpsync ✓ 8 current"),
        ("running", "corpsync ↻ 2 running"),
        ("error", "corpsync ! 1 failed"),
        ("empty", "corpsync ✗ 8 need you"),
    ],
)
def test_terminal_title(scene: str, title: str) -> None:
    with terminal("-m", "tests.tui.on_a_pty", scene) as program:
        opened(program)
        assert TITLE.findall(program.output)[-1].decode() == title


def test_without_colours_every_state_has_its_word() -> None:
    with terminal("-m", "tests.tui.on_a_pty", "parked", environ={"NO_COLOR": "1"}) as program:
        opened(program)
        assert b"parked" in program.output
        assert "✗ Wallet".encode() in program.output
