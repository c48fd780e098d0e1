"""`python -m tests.readme`: writes the tables of the README that follow from the code.

Each stands between `<!-- name -->` and `<!-- end -->`; a test holds that they are up to date.
"""

from __future__ import annotations

import re
import sys
from argparse import Action, ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from textual.binding import Binding

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.cli.commands import APP, COMMANDS
from corpsync_tui.settings.attention import attention_keys
from corpsync_tui.settings.folders import template
from corpsync_tui.settings.keys import KEYS
from corpsync_tui.settings.load import TABLES
from corpsync_tui.tui.app import CorpsyncApp
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from corpsync_tui.workspace import ALWAYS

README = Path(__file__).parents[1] / "README.md"
MARKED = re.compile(r"( *)<!-- (\w+) -->\n.*?<!-- end -->", re.DOTALL)

Rows = Iterable[Sequence[str]]


def written(text: str) -> str:
    """The README with its tables as the code has them now."""
    return MARKED.sub(_section, text)


def _section(found: re.Match[str]) -> str:
    indent, name = found.groups()
    header, rows = TABLE_OF[name]
    lines = [_row(header), "|---" * len(header) + "|", *map(_row, rows())]
    return "\n".join(
        indent + line for line in (f"<!-- {name} -->", "", *lines, "", "<!-- end -->")
    ).replace(f"\n{indent}\n", "\n\n")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _processes() -> Rows:
    for process in ALL:
        roles = dict.fromkeys(
            " or ".join(role.replace("_", " ") for role in route.roles)
            for route in process.routes
            if route.roles
        )
        yield (
            process.title,
            _what_is_kept(process),
            ", ".join(roles) or "–",
            str(process.interval_minutes),
        )


def _what_is_kept(process: Process) -> str:
    """What the first line of its file says after the title."""
    doc = sys.modules[f"corpsync_tui.catalog.{process.type}"].__doc__ or ""
    return " ".join(doc.partition("\n\n")[0].split()).partition(": ")[2].rstrip(".")


def _scopes() -> Rows:
    scopes = dict.fromkeys(scope for process in ALL for scope in process.scopes)
    for scope in scopes:
        yield f"`{scope}`", ", ".join(p.title for p in ALL if scope in p.scopes)
    for scope, good_for in ALWAYS.items():
        yield f"`{scope}`", good_for


def _keys() -> Rows:
    bindings = [b for b in (*SyncScreen.BINDINGS, *CorpsyncApp.BINDINGS) if isinstance(b, Binding)]
    cells = [(_key(binding.key), binding.tooltip) for binding in bindings]
    half = (len(cells) + 1) // 2
    for number in range(half):
        yield (*cells[number], *(cells[half + number] if half + number < len(cells) else ("", "")))


def _key(keys: str) -> str:
    names = {"question_mark": "?", "slash": "/", "escape": "esc", "colon": ":"}
    return " ".join(f"`{names.get(key, key)}`" for key in keys.split(","))


def _commands() -> Rows:
    yield "`corpsync`", APP.summary
    for command in COMMANDS:
        parser = ArgumentParser(add_help=False)
        command.arguments(parser)
        actions = sorted(parser._actions, key=lambda action: bool(action.option_strings))
        words = " ".join(["corpsync", command.name, *map(_usage, actions)])
        yield f"`{words}`", command.summary


def _usage(action: Action) -> str:
    what = str(action.metavar or "|".join(action.choices or ()))
    if action.option_strings:
        what = " ".join(filter(None, (action.option_strings[0], what if action.nargs != 0 else "")))
        return what if action.required else f"[{what}]"
    if action.nargs == "*":
        return f"[{what} …]"
    return f"[{what}]" if action.nargs == "?" else what


def _settings() -> Rows:
    for key in KEYS:
        default = f"`{key.default}`" if key.default else ""
        yield f"`{key.name}`", default, " ".join(key.comment.split())
    for table in TABLES:
        yield f"`[{table}]`", "", _comment_of(table)


def _comment_of(table: str) -> str:
    """The first sentence of what the settings file says before a table."""
    found = re.search(rf"((?:# .*\n)+)(?:# )?\[\[?{table}\]", template())
    comment = " ".join(found[1].replace("# ", "").split()) if found else ""
    return comment.partition(". ")[0].removesuffix(", such as:")


def _rules() -> Rows:
    for key in attention_keys().values():
        default = f"{key.default:,}" if key.has_threshold else ("off", "on")[key.default]
        yield f"`{key.name}`", default, key.comment


TABLE_OF: dict[str, tuple[Sequence[str], Callable[[], Rows]]] = {
    "processes": (("process", "what is kept", "in-game role", "minutes"), _processes),
    "scopes": (("scope", "for"), _scopes),
    "keys": (("key", "does", "key", "does"), _keys),
    "commands": (("command", "does"), _commands),
    "settings": (("key", "default", "what"), _settings),
    "rules": (("rule", "default", "what"), _rules),
}


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
