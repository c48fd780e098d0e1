"""The first frame needs textual alone; all else is imported behind it, off the event loop."""

from __future__ import annotations

import subprocess
import sys

LATER = {
    "httpx",
    "keyring",
    "peewee",
    "msgspec",
    "joserfc",
    "sqlite3",
    "tomlkit",
    "filelock",
    "corpsync_tui.workspace",
    "corpsync_tui.catalog",
    "corpsync_tui.service.holder",
}
PROGRAM = """
import sys
from contextlib import asynccontextmanager
from corpsync_tui.tui.app import CorpsyncApp
from corpsync_tui.tui.opening import open_later

@asynccontextmanager
async def opened(spawn):
    print(app.screen.query_one("#header-name").text, file=sys.stderr)
    print(*sys.modules)
    app.exit()
    yield

app = CorpsyncApp(opened)
app.run(headless=True)
"""


def test_the_first_frame_needs_textual_alone() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )

    assert "opening…" in ended.stderr
    loaded = set(ended.stdout.split())
    assert "textual.app" in loaded
    assert LATER & loaded == set()
