"""Killed at any instant while it reads, the file is the old one or the new one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.store.reference import TABLES, open_reference
from tests.support.killing import kill_at_work
from tests.support.long import Tally
from tests.support.static_data import MEMBERS, archive, words

TYPES = 3_000
READING = """
import sys, asyncio
from pathlib import Path
from corpsync_tui.clock import Clock
from corpsync_tui.reference.update import ReferenceUpdate
from corpsync_tui.settings import load_settings

folder = Path(sys.argv[1])
update = ReferenceUpdate(load_settings({"CORPSYNC_HOME": str(folder)}), Clock())

async def main():
    print("open", flush=True)
    while True:
        for build in (1, 2):
            await update.from_file(folder / f"{build}.zip")
        print("both", flush=True)

asyncio.run(main())
"""


def _archive(build: int) -> bytes:
    line = MEMBERS["types"][0]
    types = [line | {"_key": n, "name": words(f"Type {n} of {build}")} for n in range(TYPES)]
    return archive({**MEMBERS, "types": types}, build)


def _time_of_both(folder: Path) -> float:
    """Seconds that this machine takes to read both builds."""
    command = [sys.executable, "-c", READING, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        begin = time.monotonic()
        assert child.stdout.readline() == b"both\n"
        child.kill()
    return time.monotonic() - begin


def _build(folder: Path) -> int | None:
    """The one build that everything in the file is of."""
    with closing(open_reference(folder / "cache" / "reference.db")) as db:
        about = db.execute("SELECT build FROM ref.about").fetchall()
        names = {name for (name,) in db.execute("SELECT name FROM ref.type")}
        if not about:
            return None
        ((build,),) = about
        assert db.execute("PRAGMA ref.integrity_check").fetchone() == ("ok",)
        assert names == {f"Type {n} of {build}" for n in range(TYPES)}
        for table in TABLES:
            assert db.execute(f"SELECT COUNT(*) FROM ref.{table}").fetchone() > (0,)
    return int(build)


@pytest.mark.parametrize(
    "times", [pytest.param(4, id="few"), pytest.param(300, id="many", marks=pytest.mark.long)]
)
def test_killed_while_reading(tmp_path: Path, tally: Tally, times: int) -> None:
    for build in (1, 2):
        (tmp_path / f"{build}.zip").write_bytes(_archive(build))
    rng, latest = random.Random(tally.seed), 1.5 * _time_of_both(tmp_path)
    found: set[int | None] = set()
    for _ in tally.rounds("kills", times):
        kill_at_work(READING, tmp_path, rng.uniform(0.0, latest))
        left = _build(tmp_path)
        assert left is not None or found <= {None}, "what was whole is there"
        found.add(left)
    assert found <= {None, 1, 2}
    assert times < 100 or found >= {1, 2}
