"""`corpsync mcp`, driven by the protocol's own client."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.support.database import CORPORATION, insert, insert_process, make_database

pytestmark = pytest.mark.anyio


async def ask(home: Path, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """The answers of some tools; an error as its text."""
    environment = {**os.environ, "CORPSYNC_HOME": str(home)}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "corpsync_tui", "mcp"], env=environment
    )
    answers: list[Any] = []
    async with stdio_client(server) as (reads, writes), ClientSession(reads, writes) as session:
        await session.initialize()
        for name, arguments in calls:
            result: Any = await session.call_tool(name, arguments)
            text = result.content[0].text
            answers.append(text if result.is_error else json.loads(text))
    return answers


@pytest.fixture
def database(home: Path) -> Path:
    path = make_database(home)
    insert_process(path, "members")
    insert(path, "member", corporation_id=CORPORATION, character_id=7, base_id=11)
    return path


async def test_an_assistant_reads_and_changes_nothing(home: Path, database: Path) -> None:
    described, found, refused, attached, board, boards = await ask(
        home,
        ("describe", {"table": "member"}),
        ("query", {"sql": "SELECT character_id, base_id FROM member"}),
        ("query", {"sql": "DELETE FROM member"}),
        ("query", {"sql": "ATTACH '/etc/passwd' AS x"}),
        ("board", {"name": "members"}),
        ("board", {"name": "nothing"}),
    )

    assert (described["rows"], described["columns"]["character_id"]) == (1, "INTEGER")
    assert (found["rows"], found["more"]) == ([[7, 11]], False)
    assert "refused" in refused
    assert "refused" in attached
    assert [row["character_id"] for row in board["rows"]] == [7]
    assert "wallet" in boards["boards"]
