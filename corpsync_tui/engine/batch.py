"""A POST of many ids whose answers fill a column, such as the names given to containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import decode_each
from corpsync_tui.catalog.kit.plans import Batch
from corpsync_tui.decoding import Int64
from corpsync_tui.engine.context import Reading
from corpsync_tui.engine.copies import Copy, CopyKey
from corpsync_tui.engine.staging import StagedDataset
from corpsync_tui.errors import CorpsyncError, DatabaseError, GoneError
from corpsync_tui.esi.routes import Validator
from corpsync_tui.esi.urls import resource
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.schema import quoted


@dataclass(slots=True)
class BatchFiller:
    """Asks while the rows are staged, and writes behind the merge."""

    reading: Reading
    dataset: Dataset
    plan: Batch
    rows: StagedDataset
    """The rows whose column is filled."""
    complete: bool = True
    """Whether all that was asked for came."""
    copy: Copy | None = None
    """Until when all values are current."""
    _new: dict[Any, str | None] = field(default_factory=dict)
    """Values of rows that this run adds."""
    _known: dict[Any, str | None] = field(default_factory=dict)
    """Values of rows that were there before."""
    _refusals: int = 0

    @property
    def key(self) -> CopyKey:
        """What the copy is kept under."""
        url = resource(self.dataset.route.path, self.reading.path({}), {})
        return self.dataset.table, url

    async def ask(self) -> None:
        """Ask for the values of what is new, and of everything when its time has come."""
        now = self.reading.clock.time()
        known = self.reading.copies.by_key.get(self.key)
        everything = known is None or known.validator.expires <= now
        if known is not None and not everything and not self.rows.changed:
            self.copy = known
            return
        wanted = await self.reading.store.write(
            lambda db: self._wanted(db, everything=everything), transaction=False
        )
        for start in range(0, len(wanted), self.plan.size):
            self.complete = self.complete and await self._ask(
                wanted[start : start + self.plan.size]
            )
        expires = now + self.plan.every if everything and self.complete else 0.0
        if known is not None and self.complete and not everything:
            expires = known.validator.expires
        self.copy = Copy(Validator(None, None, expires))

    def _wanted(self, db: Connection, *, everything: bool) -> list[Any]:
        """The ids to ask for: of rows that are staged and new, and of those that stay."""
        key, stage = quoted(self.plan.key), self.rows.stages[0]
        stage.ensure(db)
        new = [
            id_
            for (id_,) in db.execute(
                f"SELECT {key} FROM temp.{quoted(stage.name)} AS t WHERE {self.plan.where} "
                f"AND NOT EXISTS (SELECT 1 FROM main.{quoted(self.dataset.table)} AS known "
                f"WHERE known.corporation_id = ? AND known.{key} = t.{key})",
                (self.reading.corporation_id,),
            )
        ]
        self._new = dict.fromkeys(new)
        if not everything:
            return new
        known = [
            id_
            for (id_,) in db.execute(
                f"SELECT {key} FROM main.{quoted(self.dataset.table)} "
                f"WHERE corporation_id = ? AND {self.plan.where}",
                (self.reading.corporation_id,),
            )
        ]
        # What this run removes would have its batch refused.
        listed = self.rows.listed() if known else set()
        return [*new, *(id_ for id_ in known if id_ in listed)]

    async def _ask(self, ids: list[Any]) -> bool:
        if self._refusals >= self.plan.refusals:
            return False
        reading = self.reading
        try:
            body = await reading.requests.post(
                self.dataset.route,
                path=reading.path({}),
                body=ids,
                character_id=reading.character_id,
                traffic=reading.traffic,
            )
            entries = decode_each(body, dict[str, Int64 | str])
        except GoneError:
            self._refusals += 1
            if len(ids) == 1:
                return True
            middle = len(ids) // 2
            return await self._ask(ids[:middle]) and await self._ask(ids[middle:])
        except DatabaseError:
            raise
        except CorpsyncError:
            return False
        for entry in entries:
            self._take(entry)
        return True

    def _take(self, entry: Mapping[str, int | str]) -> None:
        """One value, where it is as documented."""
        id_, value = entry.get(self.plan.key), entry.get(self.plan.column)
        if isinstance(id_, int) and isinstance(value, str):
            text = None if value == self.plan.null else value
            (self._new if id_ in self._new else self._known)[id_] = text

    def apply(self, db: Connection) -> Counts:
        """Write the values; only those of rows that were there before count as changes."""
        self._write(db, {id_: text for id_, text in self._new.items() if text is not None})
        return Counts(changed=self._write(db, self._known))

    def _write(self, db: Connection, values: dict[Any, str | None]) -> int:
        column, key = quoted(self.plan.column), quoted(self.plan.key)
        return db.executemany(
            f"UPDATE {quoted(self.dataset.table)} SET {column} = :text "
            f"WHERE corporation_id = :corporation AND {key} = :id AND {column} IS NOT :text",
            [
                {"text": text, "corporation": self.reading.corporation_id, "id": id_}
                for id_, text in values.items()
            ],
        ).rowcount
