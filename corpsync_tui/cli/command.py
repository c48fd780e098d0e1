"""What a command is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from corpsync_tui.settings import Settings


class UsageError(Exception):
    """The command line is wrong: exit 2, and the sentence names what."""


def no_arguments(_: ArgumentParser) -> None:
    """A command without arguments of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One word after `corpsync`."""

    name: str
    summary: str
    """One line for the list of commands."""
    about: str = ""
    """Further sentences for the command's own help."""
    examples: tuple[str, ...]
    run: Callable[[Namespace, Settings], int]
    """Does it; returns the exit code."""
    works: bool = False
    """It does more than look: what it does is logged."""
    arguments: Callable[[ArgumentParser], None] = no_arguments
