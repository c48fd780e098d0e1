"""`corpsync mcp`, driven by the protocol's own client."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from tests.support.database import CORPORATION, insert, insert_process, make_database

TOOLS = {"tables", "describe", "query", "board", "as_of", "attention"}

COMMAND = ("-m", "corpsync_tui", "mcp")
IMPATIENT = """
import sys
from corpsync_tui.cli import main
from corpsync_tui.queries.guarded import run_query

run_query.__kwdefaults__["seconds"] /= 20
sys.exit(main(["mcp"]))
"""
"""The same command, whose statements get a twentieth of their time."""

pytestmark = pytest.mark.anyio


async def ask(
    home: Path, *calls: tuple[str, dict[str, Any]], command: Sequence[str] = COMMAND
) -> list[Any]:
    """The answers of some tools; an error as its text."""
    from mcp import ClientSession, StdioServerParameters  # slow to import: not by every worker
    from mcp.client.stdio import stdio_client

    environment = {**os.environ, "CORPSYNC_HOME": str(home)}
    server = StdioServerParameters(command=sys.executable, args=[*command], env=environment)
    answers: list[Any] = []
    async with stdio_client(server) as (reads, writes), ClientSession(reads, writes) as session:
        await session.initialize()
        offered = await session.list_tools()
        assert {tool.name for tool in offered.tools} == TOOLS
        for name, arguments in calls:
            result: Any = await session.call_tool(name, arguments)
            answer = result.structured_content or {}
            answers.append(
                result.content[0].text if result.is_error else answer.get("result", answer)
            )
    return answers


@pytest.fixture
def database(home: Path) -> Path:
    path = make_database(home)
    insert_process(path, "members")
    insert(path, "member", corporation_id=CORPORATION, character_id=7, base_id=11)
    return path


READING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("describe", {"table": "member"}),
    ("query", {"sql": "SELECT character_id, base_id FROM member"}),
    ("board", {"name": "members"}),
    ("board", {}),
    ("tables", {}),
)
UNANSWERABLE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("board", {"name": "walet"}),
    ("board", {"name": "wallet", "corporation_id": 7}),
    ("board", {"name": "wallet", "corporation_id": 10**30}),
    ("board", {"name": "wallet", "variant": "miners"}),
)
OF_THE_PAST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("as_of", {"table": "member", "when": "1h", "sql": "SELECT base_id FROM member"}),
    ("as_of", {"table": "member", "when": "1m"}),
    ("as_of", {"table": "member", "when": "9d"}),
    ("as_of", {"table": "member", "when": "soon"}),
)


async def test_an_assistant_reads(home: Path, database: Path) -> None:
    """One session, for each takes a second to begin."""
    move_once(database)
    answers = await ask(home, *READING, *UNANSWERABLE, *OF_THE_PAST, ("attention", {}))
    assert_read(*answers[:5])
    assert_no_board_of_zeros(*answers[5:9])
    assert_past(*answers[9:13])
    assert f"{CORPORATION}/assets" in [item["process_id"] for item in answers[13]]


def assert_read(described: Any, found: Any, board: Any, boards: Any, tables: Any) -> None:
    assert (described["rows"], described["columns"]["character_id"]) == (1, "INTEGER")
    assert (found["rows"], found["more"]) == ([[7, 11]], False)
    assert [row["character_id"] for row in board["rows"]] == [7]
    assert "wallet" in boards["boards"]
    assert {"member", "member_named", "wallet_journal"} <= set(tables)


def assert_no_board_of_zeros(mistyped: str, elsewhere: str, huge: str, odd: str) -> None:
    """Which an assistant would take for the truth, but a sentence."""
    assert "unknown board 'walet'. Did you mean 'wallet'?" in mistyped
    assert "no data of corporation 7" in elsewhere
    assert "no data of corporation 1000" in huge
    assert "no variant 'miners' of wallet: there are member, division, ref_type" in odd


OPENING: tuple[dict[str, Any], ...] = (
    {
        "id": 0,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "odd", "version": "1"},
        },
    },
    {"method": "notifications/initialized"},
)


def ask_by_hand(home: Path, *statements: str) -> Iterator[dict[str, Any]]:
    """What `query` answers to what no client of the protocol would send; all of it is JSON."""
    calls = [
        {
            "id": number,
            "method": "tools/call",
            "params": {"name": "query", "arguments": {"sql": sql}},
        }
        for number, sql in enumerate(statements, 1)
    ]
    command = [sys.executable, *COMMAND]
    environment = {**os.environ, "CORPSYNC_HOME": str(home)}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        killer = Timer(30, server.kill)  # nobody waits for an answer that never comes
        killer.start()
        for message in (*OPENING, *calls):
            server.stdin.write(f"{json.dumps({'jsonrpc': '2.0', **message})}\n")
            server.stdin.flush()
            if "id" in message:
                answer = json.loads(server.stdout.readline())
                if message["id"]:
                    assert answer["id"] == message["id"]
                    yield answer["result"]
        server.stdin.close()
        killer.cancel()


def refuse_constant(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def test_what_no_client_of_the_protocol_sends_is_answered(home: Path, database: Path) -> None:
    """Numbers without an end are sent as none; halves of a character are, as in UTF-16."""
    answer, half, whole, escaped = ask_by_hand(
        home,
        "SELECT 9e999, -9e999, 1.5",
        *("SELECT '\ud800', 1", "SELECT '\N{GRINNING FACE}'", r"SELECT '\ud800\\'"),
    )

    assert answer["structuredContent"]["rows"] == [[None, None, 1.5]]
    (content,) = answer["content"]
    assert json.loads(content["text"], parse_constant=refuse_constant)["rows"] == [
        [None, None, 1.5]
    ]

    assert half["structuredContent"]["rows"] == [["\ufffd", 1]]
    assert whole["structuredContent"]["rows"] == [["\N{GRINNING FACE}"]]
    assert escaped["structuredContent"]["rows"] == [[r"\ud800\\"]]


def move_once(database: Path) -> None:
    """A member had another base an hour ago; a process fails."""
    now = time.time()
    insert(
        database, "change_start", corporation_id=CORPORATION, table_name="member", time=now - 9_000
    )
    insert(
        database,
        "change",
        run_id=1,
        time=now - 60,
        corporation_id=CORPORATION,
        table_name="member",
        kind="changed",
        row_key={"character_id": 7},
        before={"base_id": 10},
        after={"base_id": 11},
    )
    insert_process(
        database,
        "assets",
        status="error",
        error_count=1,
        error_kind="network",
        error_message="No answer",
    )


def assert_past(then: Any, same: Any, early: str, odd: str) -> None:
    assert then["rows"] == [[10]]
    assert len(same["rows"]) == 1
    assert "known back to" in early
    assert "no time" in odd


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT SUM(i) FROM n"


def fingerprint(database: Path) -> tuple[bytes, list[str]]:
    """The file, and what lies around it."""
    names = sorted(path.name for path in database.parents[1].rglob("*.db"))
    return database.read_bytes(), names


async def test_injections_are_refused_by_every_tool(home: Path, database: Path) -> None:
    before = fingerprint(database)
    statements = [
        "DELETE FROM member",
        "SELECT 1; DELETE FROM member",
        "INSERT INTO member SELECT * FROM member",
        "ATTACH '/etc/passwd' AS x",
        "PRAGMA writable_schema = 1",
        "SELECT * FROM pragma_database_list",
        f"VACUUM INTO '{home / 'stolen.db'}'",
        "SELECT load_extension('x')",
        ENDLESS,
    ]
    answers = await ask(
        home,
        *[("query", {"sql": sql}) for sql in statements],
        ("as_of", {"table": "member", "when": "1h", "sql": "DELETE FROM member"}),
        ("as_of", {"table": 'member"; DROP TABLE member; --', "when": "1h"}),
        ("describe", {"table": 'member"); DROP TABLE member; --'}),
        ("query", {"sql": "SELECT COUNT(*) FROM member"}),
        command=("-c", IMPATIENT),
    )

    assert all("refused" in answer for answer in answers[: len(statements)])
    assert all(isinstance(answer, str) for answer in answers[:-1])
    assert answers[-1]["rows"] == [[1]]
    assert fingerprint(database) == before
