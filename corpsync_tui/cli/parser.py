"""The command line's grammar: one line for each error, help on stdout."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import Any, NoReturn

from corpsync_tui import __version__
from corpsync_tui.cli import output
from corpsync_tui.cli.command import Command, UsageError
from corpsync_tui.cli.commands import APP, COMMANDS
from corpsync_tui.cli.suggest import unknown

COMMAND = "COMMAND"
"""Stands for the command in the help."""
EPILOG = """\
examples:
  corpsync demo              look around, without an EVE account
  corpsync login             let corpsync read your corporation's data
  corpsync                   keep everything current, and watch
  corpsync status --json     the same state for a script

`corpsync COMMAND --help` says more of each command.
"""


class Help(RawDescriptionHelpFormatter):
    """Help for 80 columns; argparse, to ask the terminal for each argument, loads compressors."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=78)


class Parser(ArgumentParser):
    """An ArgumentParser whose errors are one sentence, and whose help has no colours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.color = False  # from Python 3.14 on it is True, and FORCE_COLOR paints a file

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        raise UsageError(f"{message.removeprefix('argument ')}; see `{self.prog} --help`")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help and version; a closed stdout swallows them."""
        del file
        output.put(message)

    def _check_value(self, action: Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            kind = "command" if action.metavar == COMMAND else action.dest
            raise UsageError(unknown(kind, str(value), map(str, action.choices)))


def parse(arguments: Sequence[str]) -> tuple[Command | None, Namespace]:
    """The command asked for and its options; None where help or version was the answer.

    Raises:
        UsageError: A command, option or argument is unknown or wrong.
    """
    if not arguments:  # the app, without the milliseconds that the whole grammar takes
        return APP, Namespace(quiet=False, verbose=False, no_watch=False)
    try:
        named = [command for command in COMMANDS if command.name == arguments[0]]
        options = build(named or COMMANDS).parse_args(arguments)
    except SystemExit:  # argparse ends so after help and version
        return None, Namespace()
    command: Command = options.command
    if options.no_watch and command is not APP:
        raise UsageError(f"--no-watch is for the app alone, not for `corpsync {command.name}`")
    return command, options


def build(among: Sequence[Command] = COMMANDS) -> Parser:
    """The grammar of these commands; that of the one asked for costs a third of all."""
    parser = Parser(
        prog="corpsync",
        description="Keeps every data set of an EVE Online corporation in a local SQLite file.\n"
        "Without a command: the app, for a terminal.",
        epilog=EPILOG,
        formatter_class=Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"corpsync {__version__}")
    _add_common(parser, default=False)
    parser.add_argument(
        "--no-watch",
        action="store_true",
        help="the app: refuse to open beside another corpsync instead of watching that one",
    )
    parser.set_defaults(command=APP)
    commands = parser.add_subparsers(
        title="commands", metavar=COMMAND, parser_class=Parser, prog=parser.prog
    )
    for command in among:
        _add_command(commands, command)
    return parser


def _add_common(parser: ArgumentParser, *, default: bool | str) -> None:
    parser.add_argument(
        "-q", "--quiet", action="store_true", default=default, help="show errors only"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", default=default, help="show every step and request"
    )


def _add_command(commands: Any, command: Command) -> None:
    parser = commands.add_parser(
        command.name,
        help=command.summary,
        description="\n".join(filter(None, (_sentence(command.summary), command.about))),
        epilog="examples:\n" + "".join(f"  {example}\n" for example in command.examples),
        formatter_class=Help,
        allow_abbrev=False,
    )
    _add_common(parser, default=SUPPRESS)
    parser.set_defaults(command=command)
    command.arguments(parser)


def _sentence(summary: str) -> str:
    return summary[0].upper() + summary[1:] + "."
