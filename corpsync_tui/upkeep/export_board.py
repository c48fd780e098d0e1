"""A board's rows as CSV, JSON or lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpsync_tui.boards.kit.read import BoardResult
from corpsync_tui.upkeep.export import WRITERS, Stream


@dataclass(frozen=True, slots=True)
class BoardExport:
    """One board on its way to a file or to stdout, in one of `csv`, `json` and `ndjson`."""

    database: Path
    result: BoardResult
    format: str

    def write(self, stream: Stream) -> int:
        """Write every row, as JSON the whole document; return the number of rows."""
        if self.format == "json":
            document = json.dumps(self.result.document(), ensure_ascii=False)
            stream.write(f"{document}\n")
            return len(self.result.rows)
        names = [column.name for column in self.result.columns]
        rows = [[self._plain(row.get(name)) for name in names] for row in self.result.rows]
        batches: Sequence[Sequence[Sequence[Any]]] = [rows] if rows else []
        return WRITERS[self.format](stream, names, iter(batches))

    def _plain(self, value: Any) -> Any:
        """A list is one cell of CSV."""
        in_one = self.format == "csv" and isinstance(value, list)
        return ", ".join(map(str, value)) if in_one else value
