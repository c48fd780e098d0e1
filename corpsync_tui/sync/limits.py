"""ESI's token buckets, kept over restarts, so that a new start does not overdraw them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from corpsync_tui.decoding import UNREADABLE
from corpsync_tui.esi.buckets import BucketState
from corpsync_tui.store.database import Store
from corpsync_tui.store.models import LimitBucket


class StoredLimits:
    """Fulfils `esi.buckets.LimitStore` with the table `limit_bucket`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self) -> Sequence[BucketState]:
        """All buckets as they were saved last; one that cannot be read is left out."""
        texts = await self._store.read(lambda _: [row.state for row in LimitBucket.select()])
        found = []
        for text in texts:
            try:
                found.append(msgspec.json.decode(text, type=BucketState))
            except UNREADABLE:
                continue
        return found

    async def save(self, states: Sequence[BucketState]) -> None:
        """Keep these in place of all that were saved before."""
        rows = [
            {
                "key": f"{state.group}/{state.character_id or 'public'}",
                "state": msgspec.json.encode(state).decode(),
                "updated_at": state.heard,
            }
            for state in states
        ]
        await self._store.write(lambda _: _replace(rows))


def _replace(rows: Sequence[dict[str, object]]) -> None:
    LimitBucket.delete().execute()
    if rows:
        LimitBucket.insert_many(rows).execute()
