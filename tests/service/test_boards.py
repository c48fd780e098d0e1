"""Boards as the service reads them: of the process that holds the folder, and beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpsync_tui.boards import all_boards
from corpsync_tui.errors import DatabaseError
from corpsync_tui.service.local import LocalService
from corpsync_tui.service.remote import RemoteService, open_either
from tests.support.house import open_house

pytestmark = pytest.mark.anyio


async def test_every_board_is_read_after_a_sync_and_beside_the_holder_alike(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.sync("members")
        workspace, corporation = house.workspace, house.corporation_id
        local = LocalService(workspace)
        opened = open_either(workspace.settings, workspace.clock, command="corpsync")
        async with opened as remote:
            assert isinstance(remote, RemoteService)
            assert [board.name for board in await remote.boards()] == [
                board.name for board in all_boards()
            ]
            for board in all_boards():
                for variant in ("", *board.by_variant):
                    page = await remote.read_board(board.name, corporation, variant)
                    own = await local.read_board(board.name, corporation, variant)
                    assert page.result.board == own.result.board == board.name
                    assert len(page.rows) == len(own.rows)
            members = await remote.read_board("members", corporation, "")
            assert members.rows
            assert members.as_of is not None
            file = tmp_path / "members.csv"
            assert await remote.export_board(members, members.rows, file) == len(members.rows)
            with pytest.raises(DatabaseError, match="already exists"):
                await remote.export_board(members, members.rows, file)
        await local.close()


async def test_of_no_corporation_a_board_is_empty(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        service = LocalService(house.workspace)
        page = await service.read_board("wallet", 0, "")
        assert (page.rows, page.as_of) == ([], None)
        await service.close()
