"""Changing one value of settings.toml at the director's word; comments and order stay."""

from __future__ import annotations

import os
from pathlib import Path

import tomlkit


def store_value(file: Path, key: str, value: str | int) -> None:
    """Set one key, atomically; the file must be one that `load_settings` accepts."""
    document = tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
    if key in document:
        document[key] = value
    else:
        # A new key belongs before the first table, else it would become that table's.
        text = tomlkit.dumps({key: value}) + tomlkit.dumps(document)
        document = tomlkit.parse(text)
    draft = file.with_name(file.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(tomlkit.dumps(document))
    draft.replace(file)
