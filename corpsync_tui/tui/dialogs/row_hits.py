"""Rows in the palette: whatever bears the name that is typed, each hit opens the very row."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import Hit, Hits, Provider
from textual.markup import escape

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.queries.browse_types import BrowseTable
from corpsync_tui.queries.row_search import FoundRow
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.data.copying import cell_texts
from corpsync_tui.tui.screens.data.state import usual_columns

if TYPE_CHECKING:
    from corpsync_tui.tui.shell import Shell

LEAST = 3
"""Letters from which on rows are looked for: fewer are in everything."""
CELLS = 5
"""Columns of a row that say which one it is."""
ABOUT = 0.8
"""What a row counts that is of something else, and only names what was typed."""
PAGE = 1.5
"""What a member's page counts."""


class RowHits(Provider):
    """The rows of every table that bear a name."""

    async def search(self, query: str) -> Hits:
        """Those that bear a name with this text in it."""
        app = cast("Shell", self.app)
        tables = app.tables()
        if len(query) < LEAST or not tables:
            return
        shown = {n: usual_columns(t, with_corporation=False)[:CELLS] for n, t in tables.items()}
        browser = (await app.opened()).browser
        try:
            rows = await browser.named(query, shown, app.corporation_id)
        except CorpsyncError:
            return  # the next letter was typed, or the file cannot be read: the screens say so
        for row in rows:
            if row.table == "member" and row.column == "character_id":
                yield self._page(app, row, query)
            yield self._hit(app, tables[row.table], row, shown[row.table], query)

    def _page(self, app: Shell, found: FoundRow, query: str) -> Hit:
        """All that is known of a member: it comes before what is known of any of its rows."""
        name, (corporation_id, character_id) = f"Member {printable(found.name)}", found.row.key
        matcher = self.matcher(query)
        return Hit(
            matcher.match(name) * PAGE,
            matcher.highlight(escape(name)),
            partial(app.show_member, corporation_id, character_id),
            text=name,
            help="Roles, and what was mined, made, killed, lost, taken and paid",
        )

    def _hit(
        self, app: Shell, table: BrowseTable, found: FoundRow, shown: list[str], query: str
    ) -> Hit:
        matcher = self.matcher(query)
        name = f"{printable(found.name)} · {table.title}"
        texts = cell_texts([table.column(c) for c in shown], found.row, app.sync_state.clock.now())
        cells = [text for text in texts if text and text != printable(found.name)]
        corporation_id, *identity = found.row.key
        row_key = dict(zip(table.key[1:], identity, strict=True))
        return Hit(
            matcher.match(name) * (1 if found.column == shown[0] else ABOUT),
            matcher.highlight(escape(name)),
            partial(app.show_row, table.name, corporation_id, row_key),
            text=name,
            help=escape(" · ".join(cells)),
        )
