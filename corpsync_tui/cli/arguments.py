"""The arguments of each command: kept apart from what it does, so that help stays cheap."""

from __future__ import annotations

from argparse import ArgumentParser

from corpsync_tui.cli.kinds import count as count_argument
from corpsync_tui.cli.kinds import file as file_argument
from corpsync_tui.cli.kinds import interval as interval_argument
from corpsync_tui.cli.kinds import moment as moment_argument
from corpsync_tui.cli.kinds import month as month_argument
from corpsync_tui.cli.kinds import process as process_argument
from corpsync_tui.cli.kinds import process_types as processes_argument

RUNS = 100
"""Runs that `history` prints by default."""
FORMATS = ("csv", "json", "ndjson")


def only_json(parser: ArgumentParser) -> None:
    """Options of a command that only prints."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def login(parser: ArgumentParser) -> None:
    """Options of `login`."""
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address to open instead of opening it",
    )
    parser.add_argument(
        "--for",
        dest="processes",
        metavar="PROCESS[,PROCESS…]",
        type=processes_argument,
        help="ask for the scopes of these alone (members,wallet); none: of all",
    )


def alert(parser: ArgumentParser) -> None:
    """What `alert` is to do; a name is checked where it is used, since it may be an address."""
    parser.add_argument(
        "action",
        choices=("list", "add", "remove", "test"),
        metavar="ACTION",
        help="list, add, remove or test",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="the sink: discord, webhook")
    parser.add_argument(
        "url", metavar="URL", nargs="?", help="its address, of `add`; - reads it from stdin"
    )


def logout(parser: ArgumentParser) -> None:
    """Options of `logout`."""
    parser.add_argument(
        "character",
        metavar="CHARACTER",
        nargs="?",
        help="id or name; not needed where only one is logged in",
    )


def sync(parser: ArgumentParser) -> None:
    """Options of `sync`."""
    parser.add_argument(
        "processes",
        metavar="PROCESS",
        nargs="*",
        type=process_argument,
        help="a type (members) or an id (98000001/members); none: all that are on",
    )
    only_json(parser)


def one_process(parser: ArgumentParser) -> None:
    """The process that a command is about."""
    parser.add_argument(
        "process",
        metavar="PROCESS",
        type=process_argument,
        help="a type (members: of every corporation) or an id (98000001/members)",
    )


def every(parser: ArgumentParser) -> None:
    """Arguments of `every`."""
    one_process(parser)
    parser.add_argument(
        "minutes", metavar="MINUTES", type=interval_argument, help="whole minutes between runs"
    )


def status(parser: ArgumentParser) -> None:
    """Options of `status`."""
    only_json(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="exit 1 when an enabled process is in error, needs you, or is overdue",
    )


def history(parser: ArgumentParser) -> None:
    """Options of `history`."""
    only_json(parser)
    parser.add_argument(
        "--process",
        metavar="PROCESS",
        type=process_argument,
        help="of one process only: a type (assets) or an id (98000001/assets)",
    )
    parser.add_argument(
        "--limit", metavar="N", type=count_argument, default=RUNS, help=f"at most N runs ({RUNS})"
    )


def changes(parser: ArgumentParser) -> None:
    """Options of `changes`."""
    only_json(parser)
    parser.add_argument(
        "--since",
        metavar="WHEN",
        type=moment_argument,
        help="only what is newer: 12h, 3d, 2026-11-24 or 2026-11-24T14:05 (EVE time)",
    )
    parser.add_argument("--table", metavar="TABLE", help="of one table only, such as asset")
    parser.add_argument(
        "--limit", metavar="N", type=count_argument, default=RUNS, help=f"at most N lines ({RUNS})"
    )


def _at(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--at",
        metavar="TIME",
        type=moment_argument,
        help="as it stood then: 7d, 'tue 20:00', 2026-11-24T14:05 (EVE time) or Unix seconds",
    )


def export(parser: ArgumentParser) -> None:
    """Options of `export`."""
    _at(parser)
    parser.add_argument("table", metavar="TABLE", help="a table, or a view such as asset_named")
    parser.add_argument(
        "--where",
        metavar="FILTER",
        help="only rows that the Data screen's filter shows: 'type:rifter quantity>1000 date>7d'",
    )
    _corporation(parser)
    parser.add_argument("--format", choices=FORMATS, metavar="FORMAT", help="csv, json or ndjson")
    _output(parser)


def diff(parser: ArgumentParser) -> None:
    """Options of `diff`."""
    only_json(parser)
    parser.add_argument("table", metavar="TABLE", help="a table, such as asset")
    parser.add_argument(
        "--from",
        dest="start",
        metavar="TIME",
        type=moment_argument,
        required=True,
        help="from then on: 7d, 'tue 20:00', 2026-11-24T14:05 (EVE time) or Unix seconds",
    )
    parser.add_argument(
        "--to", dest="end", metavar="TIME", type=moment_argument, help="until then (now)"
    )
    _corporation(parser)


def _output(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=file_argument,
        help="write to FILE, whole or not at all",
    )


def _corporation(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--corporation", metavar="ID", type=count_argument, help="of this corporation"
    )


def report(parser: ArgumentParser) -> None:
    """Options of `report`."""
    parser.add_argument("report", metavar="month", choices=("month",))
    parser.add_argument(
        "month", metavar="YYYY-MM", nargs="?", type=month_argument, help="which one (the present)"
    )
    parser.add_argument(
        "--format",
        choices=("text", "markdown", "json"),
        default="text",
        metavar="FORMAT",
        help="text, markdown or json",
    )
    _corporation(parser)


def calendar(parser: ArgumentParser) -> None:
    """Options of `calendar`."""
    _output(parser)
    _corporation(parser)


def board(parser: ArgumentParser) -> None:
    """Options of `board`."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="the board; none: list them all")
    _at(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON document")
    form.add_argument("--format", choices=("csv", "ndjson"), metavar="FORMAT", help="csv or ndjson")
    _output(parser)
    _corporation(parser)
    parser.add_argument("--miners", action="store_true", help="moons: who mined what of each pop")
    parser.add_argument("--invoices", action="store_true", help="moons: what each miner owes")
    parser.add_argument("--jobs", action="store_true", help="industry: each job, soonest first")
    parser.add_argument("--losses", action="store_true", help="kills: each loss")
    parser.add_argument("--srp", action="store_true", help="kills: what is owed to whom")
    parser.add_argument("--news", action="store_true", help="members: who came, went, got roles")
    parser.add_argument("--missing", action="store_true", help="stock: what to buy, as multibuy")
    parser.add_argument(
        "--by",
        metavar="WHAT",
        help="stock: place, division, group; wallet: member, division, ref_type; projects: "
        "contributor",
    )


def stock(parser: ArgumentParser) -> None:
    """Options of `stock`."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        type=file_argument,
        help="a text file; none: what stdin holds",
    )
    parser.add_argument(
        "--times", metavar="N", type=count_argument, default=1, help="so many of each (1)"
    )
    parser.add_argument("--place", metavar="PLACE", help="a station or structure, by its name")
    parser.add_argument(
        "--division", metavar="N", type=int, choices=range(1, 8), help="a hangar division, 1 to 7"
    )


def reference(parser: ArgumentParser) -> None:
    """Options of `reference`."""
    parser.add_argument(
        "action",
        metavar="update",
        nargs="?",
        choices=("update",),
        help="read CCP's newest build, unless it is there",
    )
    parser.add_argument(
        "--file",
        metavar="ZIP",
        type=file_argument,
        help="with update: read this archive, ask nobody",
    )
    only_json(parser)


def backup(parser: ArgumentParser) -> None:
    """Options of `backup`."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        type=file_argument,
        help="where to (else a dated file in the folder backups); never overwritten",
    )


def completion(parser: ArgumentParser) -> None:
    """Options of `completion`."""
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"))
