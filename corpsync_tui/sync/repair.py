"""What is done with schedule values, edited by hand, that make no sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from corpsync_tui.catalog_index import process_title
from corpsync_tui.queries.records import SyncConfig


def repaired(
    config: SyncConfig, default: SyncConfig, flaws: Mapping[str, object]
) -> tuple[SyncConfig, list[str]]:
    """The config with the default in place of each flaw, and a sentence for each."""
    sentences = []
    for column, found in flaws.items():
        value = getattr(default, column)
        if column == "enabled":
            config, now = replace(config, enabled=value), "on" if value else "off"
        elif column == "interval_minutes":
            config, now = replace(config, interval_minutes=value), f"{value:g} minutes"
        else:
            config, now = replace(config, next_run_time=None), "due at once"
        sentences.append(
            f"{process_title(config.process_id)}: {column} was {found!r:.40} in the database,"
            f" which makes no sense; it is {now} again."
        )
    return config, sentences
