"""What a command is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

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
    works: bool = False
    """It does more than look: what it does is logged."""
    module: str = ""
    """Where it is, in `cli`; its name where that is empty."""
    arguments: Callable[[ArgumentParser], None] = no_arguments

    def run(self, options: Namespace, settings: Settings) -> int:
        """Do it; returns the exit code. What it needs is imported now."""
        module = import_module(f"corpsync_tui.cli.{self.module or self.name}")
        return int(module.run(options, settings))
