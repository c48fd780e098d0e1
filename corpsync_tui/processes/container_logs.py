"""Container logs: who opened, filled, emptied or locked which audited container."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from corpsync_tui.esi.routes import Route
from corpsync_tui.processes.base import Dataset, Process
from corpsync_tui.processes.wire import Row
from corpsync_tui.store.columns import CorporationTable, Count, Id, When, Word


class ContainerLog(CorporationTable):
    """One action. ESI gives it no id and forgets it after 7 days.

    Two lines may be the same to the letter and both be true: the row is known by the hash of
    all it says and by its number among the rows that say the same.
    """

    action = Word()
    character_id = Id("character")
    container_id = Id("item")
    container_type_id = Id("type")
    location_flag = Word()
    location_id = Id("location")
    logged_at = When()
    new_config_bitmask = Count(null=True)
    old_config_bitmask = Count(null=True)
    password_type = Word(null=True)
    quantity = Count(null=True)
    type_id = Id("type", null=True)
    row_hash = Id("hash", added=True, identity=True)
    ordinal = Count(added=True, identity=True)


class ContainerLogs(Dataset):
    """Rows alike are numbered over all pages: `context["alike"]` counts those met so far."""

    def transform(self, record: Any, context: Any) -> Row:
        """The record, its hash, and its number among those alike."""
        row = self.wire.row_of(record)
        digest = blake2b(msgspec.json.encode(row), digest_size=8).digest()
        row_hash = int.from_bytes(digest, signed=True)
        alike = context["alike"]
        ordinal = alike[row_hash]
        alike[row_hash] += 1
        return (*row, row_hash, ordinal)


LOGS = ContainerLogs(
    ContainerLog,
    Route(
        "/corporations/{corporation_id}/containers/logs",
        cache_seconds=600,
        scope="esi-corporations.read_container_logs.v1",
        roles=("Director",),
        group="corp-structure",
        tokens=300,
        paged=True,
    ),
    "log",
    page_key="row_hash",
    whole=True,
)

PROCESS = Process(
    "container_logs",
    title="Container logs",
    noun="container logs",
    interval_minutes=30,
    datasets=[LOGS],
)
