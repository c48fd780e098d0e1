"""From a change to one readable line. Each process file describes its own tables' changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from corpsync_tui.queries.changes import Change
from corpsync_tui.store.naming import Naming


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """A change, with all that is needed to describe it."""

    change: Change
    row: Mapping[str, Any]
    """What is known of the row: NULL columns may be missing."""
    names: Naming
    fields: Callable[[], str]
    """What a changed row says otherwise now, column by column: `state online → offline`."""

    @property
    def kind(self) -> str:
        """`added`, `changed` or `removed`."""
        return self.change.kind

    def get(self, column: str) -> Any:
        """A value of the row, None where it has none."""
        return self.row.get(column)

    def old(self, column: str) -> Any:
        """A value before the change."""
        return (self.change.before or {}).get(column)

    def new(self, column: str) -> Any:
        """A value after the change."""
        return (self.change.after or {}).get(column)

    def differs(self, *columns: str) -> bool:
        """Whether the change is one of these columns."""
        return self.kind == "changed" and any(c in (self.change.after or {}) for c in columns)

    def place(self, location: str = "location_id", flag: str = "location_flag") -> str:
        """Where the row's thing is."""
        corporation_id = self.change.corporation_id
        return self.names.place(corporation_id, self.get(location), self.get(flag) or "")

    def wallet(self) -> str:
        """The row's wallet division."""
        number = self.get("division") or self.get("wallet_division") or 0
        return self.names.division(self.change.corporation_id, "wallet", number)


Describe = Callable[[ChangeContext], str | None]
"""The line for a change; None leaves it to the general one."""


def named(title: Callable[[ChangeContext], str]) -> Describe:
    """The lines of something that comes, changes and goes, by what it is called."""

    def describe(context: ChangeContext) -> str:
        what = title(context)
        if context.kind == "changed":
            return f"{what}: {context.fields()}"
        return f"{what} {'is new' if context.kind == 'added' else 'is gone'}"

    return describe
