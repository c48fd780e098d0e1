"""What really reaches a terminal: no foreign escape sequence, nothing at rest, a clean end."""

from __future__ import annotations

import os
import re
import signal
import time

import pytest

from tests.tui.terminal import Terminal, fresh_terminal, terminal

PROGRAM = ("-m", "tests.tui.on_a_pty")
"""What is started anew where its imports, Python's own end or what its parent learns count."""
SHOWN = b"1049h"
"""The switch to the alternate screen."""
LEFT = b"\x1b[?1049l"
"""The switch back."""
TITLE = re.compile(rb"\x1b\]2;([^\x07]*)\x07")


def opened(program: Terminal) -> None:
    program.until(SHOWN)
    program.until(b"14:05")
    program.settle()


@pytest.mark.parametrize("keys", [b"", b"j\r", b"h\t", b"3", b"?", b"n"], ids=repr)
def test_hostile_text_reaches_no_terminal(keys: bytes) -> None:
    with terminal("hostile") as program:
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
    with terminal("running") as program:
        opened(program)
        assert program.quiet_for(4.0)


def test_q_leaves_the_terminal_as_it_was() -> None:
    with fresh_terminal(*PROGRAM, "running") as program:
        opened(program)
        program.type(b"q")
        assert program.end() == 0
        assert LEFT in program.output
        assert b"\x1b[?25h" in program.output
        assert program.output.rindex(b"\x1b[23;0t") > program.output.index(b"\x1b[22;0t")
        assert b"Traceback" not in program.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_in_order(number: signal.Signals) -> None:
    with terminal("running") as program:
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
    with terminal(scene) as program:
        opened(program)
        assert TITLE.findall(program.output)[-1].decode() == title


def test_without_colours_every_state_has_its_word() -> None:
    with fresh_terminal(*PROGRAM, "blocked", environ={"NO_COLOR": "1"}) as program:
        opened(program)
        assert b"blocked" in program.output
        assert "✗ Wallet".encode() in program.output


def test_a_signal_ends_it_even_where_the_loop_stands_still() -> None:
    with terminal("running") as program:
        opened(program)
        program.type(b"&")
        program.settle()
        program.signal(signal.SIGTERM)
        assert program.end() == 128 + signal.SIGTERM
        assert program.output.rindex(LEFT) > program.output.rindex(SHOWN)
        assert b"\x1b[?25h" in program.output


def test_q_waits_for_no_thread() -> None:
    with fresh_terminal(*PROGRAM, "running") as program:
        opened(program)
        program.type(b"%")
        program.settle()
        began = time.monotonic()
        program.type(b"q")
        assert program.end() == 0
        assert time.monotonic() - began < 2.0


def test_an_end_that_nobody_wanted_is_no_success() -> None:
    with terminal("running") as program:
        opened(program)
        program.type(b"$")
        assert program.end() == 1
        assert LEFT in program.output


def test_no_input_ends_it_or_presses_its_keys() -> None:
    with terminal("running") as program:
        opened(program)
        for sequence in (
            b"\xff\xfe\xc3",
            b"\x1b[M\xe9\xff\xc0",
            b"\x1b[<0;99999;99999M\x1b[<35;500;500M\x1b[<64;900;900M",
            b"\x1b[113;1:3u\x1b[113:81;1:3u\x1b[9999999u",
            b"\x1b]11;rgb:qqqq/    /aaaa",
            b" q\x1b\\",
            b"\x1bP>|q    \x1b\\\x1b[?62;22c",
            b"\x1b[48;0;0;0;0t\x1b[?2048;1$y",
        ):
            program.type(sequence)
            program.settle()
        assert b"Traceback" not in program.output
        program.forget()
        program.type(b"?")
        program.until(b"Help")
        program.type(b"\x1b")
        program.settle()
        program.type(b"q")
        assert program.end() == 0


def test_the_window_counts_and_not_the_environment() -> None:
    environ = {"COLUMNS": "40", "LINES": "10"}
    with fresh_terminal(*PROGRAM, "running", environ=environ) as program:
        opened(program)
        program.until(b"Container logs")
        program.forget()
        program.resize(100, 30)
        program.until(b"\x1b[30;")


def test_stopped_and_continued_by_others_it_goes_on() -> None:
    with fresh_terminal(*PROGRAM, "running") as program:
        opened(program)
        for _ in range(3):
            program.signal(signal.SIGSTOP)
            os.waitpid(program.pid, os.WUNTRACED)
            program.forget()
            program.signal(signal.SIGCONT)
            program.until(SHOWN)
            program.until(b"Container logs")
        program.settle()
        program.forget()
        program.type(b"?")
        program.until(b"Help")
        program.type(b"q")
        program.settle()
        program.type(b"q")
        assert program.end() == 0


SHELL = """
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "tests.tui.on_a_pty", "running"], process_group=0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
os.tcsetpgrp(0, child.pid)
while True:
    _, state = os.waitpid(child.pid, os.WUNTRACED)
    if not os.WIFSTOPPED(state):
        sys.exit(os.waitstatus_to_exitcode(state))
    os.tcsetpgrp(0, os.getpgrp())
    print("stopped, fg?", flush=True)
    sys.stdin.readline()
    os.tcsetpgrp(0, child.pid)
    os.killpg(child.pid, signal.SIGCONT)
"""
"""As much of a shell as it takes: a job in front, that may be stopped and sent in front again."""


def test_ctrl_z_gives_the_shell_back_and_fg_returns() -> None:
    with fresh_terminal("-c", SHELL) as program:
        opened(program)
        for _ in range(2):
            program.forget()
            program.type(b"\x1a")
            program.until(b"stopped, fg?")
            assert LEFT in program.output
            program.forget()
            program.type(b"\r\n")
            program.until(SHOWN)
            program.until(b"Container logs")
            program.settle()
        program.type(b"q")
        assert program.end() == 0


def test_ctrl_z_without_a_shell_says_so() -> None:
    with terminal("running") as program:
        opened(program)
        program.type(b"\x1a")
        program.until(b"no shell")
        program.type(b"q")
        assert program.end() == 0
