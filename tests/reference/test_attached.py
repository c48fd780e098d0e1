"""The static data beside the corporation's: there for every reader, from one moment to the next."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from sqlite3 import Connection

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.reference.update import ReferenceUpdate
from corpsync_tui.settings import Settings
from corpsync_tui.store.database import READERS, Store
from tests.support.static_data import MEMBERS, archive, changed, words

pytestmark = pytest.mark.anyio

NAMES = "SELECT name FROM ref.type ORDER BY type_id"


async def names(store: Store) -> list[list[str]]:
    """What each of the readers sees."""
    every = threading.Barrier(READERS)

    def read(db: Connection) -> list[str]:
        every.wait()
        return [name for (name,) in db.execute(NAMES)]

    return await asyncio.gather(*(store.read(read) for _ in range(READERS)))


@pytest.mark.parametrize("readonly", [True, False])
async def test_open_readers_see_what_was_brought_meanwhile(
    settings: Settings, tmp_path: Path, readonly: bool
) -> None:
    settings.data_dir.mkdir()
    update = ReferenceUpdate(settings, Clock())
    file = tmp_path / "archive.zip"
    store = Store.open(
        settings.database, [], clock=Clock(), readonly=readonly, reference=settings.reference
    )
    try:
        assert await names(store) == [[], []]

        file.write_bytes(archive())
        await update.from_file(file)
        assert await names(store) == [["Tritanium", "Athanor"]] * 2

        file.write_bytes(archive(changed("types", 0, name=words("Tritanite"))))
        await update.from_file(file)
        assert await names(store) == [["Tritanite", "Athanor"]] * 2

        settings.reference.unlink()
        assert await names(store) == [["Tritanite", "Athanor"]] * 2
    finally:
        store.close()


async def test_a_reader_cannot_change_the_static_data(settings: Settings, tmp_path: Path) -> None:
    settings.data_dir.mkdir()
    (tmp_path / "archive.zip").write_bytes(archive(MEMBERS))
    await ReferenceUpdate(settings, Clock()).from_file(tmp_path / "archive.zip")
    store = Store.open(settings.database, [], clock=Clock(), reference=settings.reference)
    try:
        with pytest.raises(DatabaseError, match="read-only"):
            await store.read(lambda db: db.execute("DELETE FROM ref.type"))
    finally:
        store.close()
