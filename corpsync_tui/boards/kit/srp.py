"""What was decided of losses by hand: paid back, to be paid, or refused, by whom and when."""

from __future__ import annotations

from collections.abc import Mapping

from corpsync_tui.boards.kit.board import BoardContext, Row

TABLE, VIEW_NAME = "srp_mark", "srp"

VIEW = f"""
SELECT corporation_id, killmail_id, state, paid, "by", note, time FROM {TABLE} m
WHERE state <> 'open' AND time = (SELECT MAX(time) FROM {TABLE} n
    WHERE n.corporation_id = m.corporation_id AND n.killmail_id = m.killmail_id)
"""
"""What holds of each loss; the table keeps how it came about, so that the past can be shown."""

MARKS = f"""
SELECT killmail_id, state, paid, "by", note, MAX(time) AS time FROM {TABLE}
WHERE corporation_id = :c AND (time <= :at OR NOT :past) GROUP BY killmail_id
"""


def read_marks(context: BoardContext) -> Mapping[int, Row]:
    """What held of each loss at the context's moment: state, paid, by, note, time (Unix)."""
    found = context.rows(MARKS, at=context.now, past=context.is_past)
    return {row["killmail_id"]: row for row in found if row["state"] != "open"}
