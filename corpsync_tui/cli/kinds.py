"""Kinds of arguments: each turns text into a value, or says what would be right."""

from __future__ import annotations

from argparse import ArgumentTypeError

from corpsync_tui.settings.keys import PROCESS_TYPES


def process(text: str) -> str:
    """A process type, or a process id such as `98000001/members`."""
    corporation, slash, process_type = text.rpartition("/")
    is_id = corporation.isdecimal() and corporation.isascii()
    if process_type not in PROCESS_TYPES or (slash and not is_id):
        known = ", ".join(PROCESS_TYPES)
        raise ArgumentTypeError(f"no process {text!r}: there are {known}, or 98000001/members")
    return text


def count(text: str) -> int:
    """A whole number above zero."""
    if not (text.isdecimal() and text.isascii()) or not 0 < int(text) < 2**31:
        raise ArgumentTypeError(f"{text!r} is no whole number above zero")
    return int(text)
