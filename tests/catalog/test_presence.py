"""Who was online when, kept at each sync of the members."""

from corpsync_tui.catalog.kit.dataset import Merged
from corpsync_tui.catalog.members import note_presence
from corpsync_tui.store.merge import Counts
from tests.boards.support import C, empty_database, put, seconds


def test_a_sync_notes_who_is_online_and_the_days_on_which_each_was_seen() -> None:
    with empty_database() as db:
        put(
            db,
            "member",
            {"character_id": 1, "logon_date": "2026-11-28T10:00:00Z"},
            {
                "character_id": 2,
                "logon_date": "2026-11-20T10:00:00Z",
                "logoff_date": "2026-11-21T01:00:00Z",
            },
            {"character_id": 3},
            {"corporation_id": C + 1, "character_id": 4, "logon_date": "2026-11-28T10:00:00Z"},
        )
        merged = Merged(db, C, seconds("2026-11-29T14:30"), ())
        assert note_presence(merged) == Counts()
        db.execute("UPDATE member SET logoff_date = '2026-11-29T14:45:00Z'")
        note_presence(Merged(db, C, seconds("2026-11-29T14:50"), ()))
        note_presence(Merged(db, C, seconds("2026-11-29T15:50"), ()))
        hours = db.execute("SELECT * FROM presence").fetchall()
        days = db.execute("SELECT character_id, day FROM member_seen").fetchall()

    assert hours == [(C, "2026-11-29", 14, 1), (C, "2026-11-29", 15, 0)]
    assert days == [
        (1, "2026-11-28"),
        (1, "2026-11-29"),
        (2, "2026-11-20"),
        (2, "2026-11-21"),
        (2, "2026-11-29"),
        (3, "2026-11-29"),
    ]
