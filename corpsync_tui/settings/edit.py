"""Changing settings.toml at the director's word; comments and order stay."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array

from corpsync_tui.settings.boards import check_boards


def store_value(file: Path, key: str, value: str | int) -> None:
    """Set one key, atomically; the file must be one that `load_settings` accepts.

    Raises `ValueError`, and writes nothing, where it would not be one any more.
    """
    document = _parse(file)
    if key in document:
        document[key] = value
    else:
        # A new key belongs before the first table, else it would become that table's.
        text = tomlkit.dumps({key: value}) + tomlkit.dumps(document)
        document = tomlkit.parse(text)
    _replace(file, document)


def store_targets(file: Path, targets: Iterable[Mapping[str, Any]]) -> None:
    """Set what `[[stock]]` wants of each item; a target of the same place and division is renewed.

    A value that is None is left out. Atomic; the file must be one that `load_settings` accepts.
    Raises `ValueError`, and writes nothing, where it would not be one any more.
    """
    document = _parse(file)
    if "stock" not in document:
        document.append("stock", tomlkit.aot())
    entries: Any = document["stock"]
    for target in targets:
        known = next((entry for entry in entries if _where(entry) == _where(target)), None)
        if known is not None:
            known["want"] = target["want"]
            continue
        inline = isinstance(entries, Array)  # `stock = [{…}]`, which takes no [[stock]] beside it
        table: Any = tomlkit.inline_table() if inline else tomlkit.table()
        table.update({key: value for key, value in target.items() if value is not None})
        entries.append(table)
    check_boards(document.unwrap())
    _replace(file, document)


def _where(target: Mapping[str, Any]) -> tuple[Any, ...]:
    return str(target["item"]).casefold(), target.get("place"), target.get("division")


def _parse(file: Path) -> tomlkit.TOMLDocument:
    """The file as it stands, without the byte order mark that editors on Windows add."""
    return tomlkit.parse(file.read_text("utf-8-sig")) if file.exists() else tomlkit.document()


def _replace(file: Path, document: tomlkit.TOMLDocument) -> None:
    text = tomlkit.dumps(document)
    try:
        tomllib.loads(text)  # every command reads it, and ends where it is wrong
    except ValueError as error:
        raise ValueError(f"{file} would not be valid any more: {error}") from error
    file = file.resolve()  # a link, as of those who keep all settings in one place, stays one
    draft = file.with_name(file.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
    draft.replace(file)
