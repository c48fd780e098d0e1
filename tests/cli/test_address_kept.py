"""A webhook's address: in the file of secrets, and nowhere that anybody else looks."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from corpsync_tui.alerts.addresses import entry_of
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.vault import open_vault
from corpsync_tui.upkeep.backup import backup
from corpsync_tui.upkeep.export import Export, sources
from tests.cli import crashing
from tests.cli.logins import Cli
from tests.cli.terminal import Terminal
from tests.cli.test_notified import wait_in_outbox
from tests.cli.test_steering import calm
from tests.support.live import open_app
from tests.support.webhook import Webhook, serving

SECRET = b"kept-from-everybody"
SETTINGS = """\
[alerts]
discord = "low"
terminal = "off"
digest = ""
"""


@pytest.fixture
def discord() -> Iterator[Webhook]:
    with serving() as found:
        yield found


@pytest.fixture
def told(cli: Cli, discord: Webhook) -> Cli:
    """A home whose alerts go to Discord, and one waits."""
    cli.welcome()
    calm(cli)
    (cli.home / "config").mkdir(exist_ok=True)
    (cli.home / "config/settings.toml").write_text(SETTINGS)
    assert cli.run("alert", "add", "discord", discord.url).returncode == 0
    wait_in_outbox(cli, "discord")
    return cli


def arguments_of(pid: int) -> bytes:
    """The argument lists of a process and of what it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = Path(f"/proc/{pid}/cmdline").read_bytes()
    return own + b"".join(arguments_of(int(child)) for child in children)


def assert_kept(cli: Cli) -> None:
    """Below the home one file holds it, which is the director's alone."""
    files = [file for file in cli.home.rglob("*") if file.is_file()]
    holding = [file for file in files if SECRET in file.read_bytes()]
    assert [file.name for file in holding] == ["webhook-discord.secret"]
    assert holding[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", [[], ["run", "--verbose"]], ids=["app", "run"])
def test_no_argument_list_and_no_screen_shows_it(
    told: Cli, discord: Webhook, command: Sequence[str]
) -> None:
    terminal = Terminal((*told.command, *command), told.environment, (120, 40))
    terminal.wait_until(lambda: discord.accepted)
    arguments = arguments_of(terminal.process.pid)
    if command:
        terminal.process.terminate()
    else:
        terminal.press("q")
    assert terminal.end() == 0
    assert b"corpsync_tui" in arguments
    assert SECRET not in arguments + terminal.painted
    assert_kept(told)


@pytest.mark.parametrize("command", [[], ["run", "--verbose"]], ids=["app", "run"])
def test_no_crash_tells_it(told: Cli, command: Sequence[str]) -> None:
    log = told.home / "logs/corpsync.log"
    words = (*told.command, *command)
    terminal = Terminal(words, told.environment, (120, 40), program=crashing.__name__)
    terminal.wait_until(lambda: log.exists() and "ZeroDivisionError" in log.read_text())
    if command:
        terminal.process.terminate()
    else:
        terminal.press("q")
    assert terminal.end() == 0
    assert "while [secret] was asked" in log.read_text()
    assert SECRET not in terminal.painted
    assert_kept(told)


@pytest.mark.anyio
async def test_no_picture_no_export_and_no_copy_holds_it(tmp_path: Path, discord: Webhook) -> None:
    async with open_app(tmp_path / "home") as live:
        settings = live.workspace.settings
        open_vault(settings).write(entry_of("discord"), Secret(discord.url))
        await live.press("6", "A")
        await live.reads("127.0.0.1")
        picture = live.app.export_screenshot()
        copy = await asyncio.to_thread(backup, settings, tmp_path / "copy.db")
    assert "127.0.0.1" in picture
    written = [picture.encode(), copy.read_bytes()]
    for source in sources().values():
        stream = io.StringIO()
        Export(settings.database, source, "ndjson").write(stream)
        written.append(stream.getvalue().encode())
    assert SECRET not in b"".join(written)
