"""A program of the director's, run without a shell."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL
from collections.abc import Sequence
from contextlib import suppress

from corpsync_tui.alerts.sinks.message import Answer, Message
from corpsync_tui.errors import cause_of

PATIENCE = 30.0
"""Seconds that the program may take."""


def fill_in(words: Sequence[str], message: Message) -> list[str]:
    """The program and its arguments; text from outside never becomes an option."""
    values = {"{title}": message.title, "{text}": "\n".join(message.lines())}
    return [_filled(word, values) for word in words]


async def run_command(words: Sequence[str], message: Message) -> Answer:
    """Run it to its end; accepted is exit code 0."""
    try:
        process = await asyncio.create_subprocess_exec(
            *fill_in(words, message), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
        )
    except (OSError, ValueError) as error:
        return Answer(f"{words[0]} could not be started: {cause_of(error)}")
    try:
        code = await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        return Answer(f"{words[0]} did not end within {PATIENCE:g} s")
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
    return Answer(f"exit code {code}", accepted=code == 0)


def _filled(word: str, values: dict[str, str]) -> str:
    # In one pass: what stands in a title is not filled in again.
    parts = word.replace("{title}", "\0{title}\0").replace("{text}", "\0{text}\0").split("\0")
    filled = "".join(values.get(part, part) for part in parts)
    return f" {filled}" if filled.startswith("-") and not word.startswith("-") else filled
