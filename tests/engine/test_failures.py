"""What failed in a run is called by its name."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from corpsync_tui.engine.failures import Failures
from corpsync_tui.errors import EsiError
from corpsync_tui.store.naming import Naming
from tests.support.database import make_database

HEDU, DRILL = 98_000_001, 1_035_400_000_040


def test_divisions_and_observers_bear_their_names_where_these_are_known(tmp_path: Path) -> None:
    failures = Failures()
    units = ("division 4", "division 5", f"observer {DRILL}", "observer 7", "wallet balances")
    for unit in units:
        failures.add(unit, EsiError("ESI fails: 502"))
    with closing(sqlite3.connect(make_database(tmp_path))) as db:
        db.execute("INSERT INTO eve_name VALUES (?, 'Urlen - Drill', 'structure', 0)", (DRILL,))
        db.execute("INSERT INTO division VALUES (?, 'wallet', 4, 'Moon Income')", (HEDU,))
        failures.name(Naming(db), HEDU)
    assert [failure.unit for failure in failures] == [
        "division 4 (Moon Income)",
        "division 5",
        "observer Urlen - Drill",
        "observer 7",
        "wallet balances",
    ]
