"""The member page: all there is to know of one member, in a box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.service.member_page import MemberPage
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.fields import Field, FieldsDialog
from corpsync_tui.tui.screens.base import CorpsyncScreen


class MemberDialog(FieldsDialog):
    """Last seen, roles, and what was mined, made, killed, lost, taken and paid."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "row", "Row", id="member_row", tooltip="The member's row on the Data screen"),
    ]

    def __init__(
        self, page: MemberPage, corporation_id: int, row: Callable[[], None] | None = None
    ) -> None:
        """`row`: what shows the member's row in full, where it is under the cursor already."""
        fields = [Field(label, printable(text)) for label, text in page.facts]
        super().__init__(printable(page.name), fields)
        self._page = page
        self._corporation_id = corporation_id
        self._row = row

    def action_row(self) -> None:
        """Go to the member's row."""
        if self._row is not None:
            self.leave_for(self._row)
        elif self._page.is_member:
            key = {"character_id": self._page.character_id}
            self.leave_for(self.corpsync.show_row, "member", self._corporation_id, key)
        else:
            self.tell("Who left has no row among the members: 5 says when that was")


async def open_member(
    screen: CorpsyncScreen[Any],
    character_id: int,
    corporation_id: int,
    row: Callable[[], None] | None = None,
) -> None:
    """Read a member's page and show it over a screen; `row` as for `MemberDialog`."""
    service = await screen.corpsync.opened()
    try:
        page = await service.read_member(character_id, corporation_id)
    except CorpsyncError as error:
        screen.tell(error.message)
    else:
        screen.show_box(MemberDialog(page, corporation_id, row))
