"""Cursor paging, as CCP's documentation describes it (Pagination, *Cursor-based*).

The list is in the order of the last change. Without a cursor the newest records come, `before`
leads to older ones and `after` to those that changed since; "0" is the end and the beginning.
"""

from collections.abc import Iterable

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import ORDER

_USUALLY, _LEAST, _MOST = 10, 10, 100
"""Records of an answer: where no limit is given, and within which it may be."""


def cursor_page(rows: Iterable[Row], query: dict[str, str], inside: str) -> Row:
    """The answer to a query: records under `inside`, and the cursor to go on with if any came.

    Raises:
        EsiError: 400 for a limit or a cursor that cannot be.
    """
    limit = _number(query.get("limit", str(_USUALLY)), 10)
    if not _LEAST <= limit <= _MOST:
        raise EsiError(400, f"limit must be from {_LEAST} to {_MOST}")
    if "before" in query and "after" in query:
        raise EsiError(400, "before and after exclude each other")
    ordered = sorted(rows, key=lambda row: int(row[ORDER]))
    if "after" in query:
        place = _number(query["after"], 16)
        chosen = [row for row in ordered if row[ORDER] > place][:limit]
    else:
        place = _number(query.get("before", "0"), 16)
        chosen = [row for row in ordered if not place or row[ORDER] < place][-limit:]
    records = [{name: row[name] for name in row if name != ORDER} for row in chosen]
    if not chosen:
        return {inside: records}
    first, last = chosen[0][ORDER], chosen[-1][ORDER]
    return {inside: records, "cursor": {"before": f"{first:x}", "after": f"{last:x}"}}


def _number(text: str, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        raise EsiError(400, f"{text!r} is no cursor or limit") from None
