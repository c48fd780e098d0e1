"""Desktop notifications by escape sequences of the terminal, through tmux too.

OSC 9: https://iterm2.com/documentation-escape-codes.html
OSC 777: https://codeberg.org/dnkl/foot/src/branch/master/doc/foot-ctlseqs.7.scd
OSC 99: https://sw.kovidgoyal.net/kitty/desktop-notifications/
"""

from __future__ import annotations

from collections.abc import Mapping

from corpsync_tui.alerts.sinks.message import Message
from corpsync_tui.text import one_line

BELL, ESC, END = "\a", "\x1b", "\x1b\\"
LONGEST = 200
"""Characters of a text."""


def choose_way(way: str, environ: Mapping[str, str]) -> str:
    """The sequence to use; `auto` goes by what the terminal says it is."""
    if way != "auto":
        return way
    program, term = environ.get("TERM_PROGRAM", ""), environ.get("TERM", "")
    if "kitty" in term or "KITTY_WINDOW_ID" in environ:
        return "osc99"
    if program == "iTerm.app" or environ.get("LC_TERMINAL") == "iTerm2":
        return "osc9"
    known = program in ("WezTerm", "ghostty") or "ghostty" in term
    return "osc777" if known or term.startswith(("foot", "rxvt")) else "bell"


def sequence_of(message: Message, way: str, environ: Mapping[str, str]) -> str:
    """What is written to the terminal; all text in it is printable."""
    way = choose_way(way, environ)
    title, text = one_line(message.title, LONGEST), one_line(" · ".join(message.lines()), LONGEST)
    if way == "bell":
        return BELL
    if way == "osc9":
        sequence = f"{ESC}]9;{title}: {text}{BELL}"
    elif way == "osc777":
        sequence = f"{ESC}]777;notify;{title.replace(';', ',')};{text.replace(';', ',')}{BELL}"
    else:
        sequence = f"{ESC}]99;i=corpsync:d=0;{title}{END}{ESC}]99;i=corpsync:p=body;{text}{END}"
    return through_tmux(sequence) if "TMUX" in environ else sequence


def through_tmux(sequence: str) -> str:
    """The sequence for the terminal around tmux, where `allow-passthrough` is on."""
    return f"{ESC}Ptmux;{sequence.replace(ESC, ESC + ESC)}{END}"
