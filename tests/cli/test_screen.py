"""The app and the demo in a terminal of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpsync_tui.cli.demo import demo_home
from corpsync_tui.cli.demo_corporation import DemoError, simulator
from corpsync_tui.clock import Clock
from corpsync_tui.settings import load_settings
from corpsync_tui.store.lock import OwnerLock
from tests.cli.logins import Cli, until
from tests.cli.terminal import Terminal
from tests.support import house

DEMO = [sys.executable, "-m", "corpsync_tui", "demo"]


def test_the_first_start_offers_the_login_and_ends_at_q(cli: Cli) -> None:
    terminal = Terminal(cli.command, cli.environment)
    terminal.wait_for("developers.eveonline.com")
    terminal.press("q")

    assert terminal.end() == 0
    assert terminal.painted.rstrip().endswith(b"l")  # the last modes are switched off
    assert (cli.home / "config/settings.toml").exists()


def test_a_second_app_may_refuse_to_watch(cli: Cli) -> None:
    cli.welcome()
    first = Terminal(cli.command, cli.environment)
    first.wait_for("Members")
    second = Terminal([*cli.command, "--no-watch"], cli.environment)
    code = second.end()
    said = second.painted.decode()
    run = cli.run("run")
    first.press("q")

    assert code == 1
    assert "already" in said
    assert str(first.process.pid) in said
    assert "\x1b[?1049h" not in said  # no full screen was begun
    assert (run.returncode, "already" in run.stderr) == (1, True)
    assert first.end() == 0


def test_the_demo_lives_apart_and_ends_with_its_simulator(
    environment: dict[str, str], home: Path
) -> None:
    environment |= {"CORPSYNC_ESI_URL": "http://127.0.0.1:9", "CORPSYNC_CLIENT_ID": "mine"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    terminal = Terminal([*DEMO[:-1], "--verbose", "demo"], environment, (140, 40))
    terminal.wait_for("Hedion Freight Union", 15)
    terminal.wait_for(" items +", 15)
    apart = home.with_name("home-demo")
    hello = json.loads((apart / "simulator/world.json").read_text())
    (child,) = _children(terminal.process.pid)
    terminal.press("q")

    assert terminal.end() == 0
    told = terminal.painted.decode().rpartition("\x1b[?1049l")[2]
    assert f"The demo's data: {apart}/data/corpsync.db" in told
    assert f"CORPSYNC_HOME={apart} corpsync status" in told
    assert hello
    found = load_settings({"CORPSYNC_HOME": str(apart)})  # as any command finds them there
    assert found.client_id
    assert found.esi_url.startswith("http://127.0.0.1:")
    assert found.keyring == "file"
    assert not Path(f"/proc/{child}").exists()
    assert list(apart.rglob("corpsync.log"))
    assert not home.exists()
    modes = {path: path.stat().st_mode & 0o777 for path in apart.rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_the_demo_starts_logged_in_the_second_time_too_and_killed_leaves_no_simulator(
    environment: dict[str, str],
) -> None:
    terminal = Terminal(DEMO, environment, (140, 40))
    terminal.wait_for(" items +", 15)
    terminal.press("q")
    assert terminal.end() == 0
    again = Terminal(DEMO, environment, (140, 40))
    again.wait_for(" items +", 15)
    (child,) = _children(again.process.pid)
    again.process.kill()
    again.end()
    until(lambda: not Path(f"/proc/{child}").exists())
    told = terminal.painted.decode().partition("Any command reads it: ")[2].splitlines()[0]
    looked = subprocess.run(
        ["bash", "-c", f"{told} --json"],
        env=environment | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
        timeout=30,
    )

    document = json.loads(looked.stdout)
    assert [character["needs"] for character in document["characters"]] == [None]
    assert {p["interval_minutes"] for p in document["processes"]} <= {1, 2, 3}
    assert not any(process["needs"] for process in document["processes"])


def test_a_demo_opened_from_its_own_home_is_that_demo(tmp_path: Path) -> None:
    director = {"CORPSYNC_HOME": str(tmp_path / "home")}
    demo = demo_home(director, load_settings(director))
    assert demo == tmp_path / "home-demo"
    (demo / "simulator").mkdir(parents=True)
    own = {"CORPSYNC_HOME": str(demo)}
    assert demo_home(own, load_settings(own)) == demo


def test_a_second_demo_says_who_holds_its_folder(environment: dict[str, str], home: Path) -> None:
    data = home.with_name("home-demo") / "data"
    data.mkdir(parents=True)
    lock = OwnerLock(data, "corpsync", Clock())
    lock.acquire()
    terminal = Terminal(DEMO, environment)
    code = terminal.end()
    lock.release()

    assert code == 1
    assert b"already" in terminal.painted


@pytest.mark.parametrize("module", ["starlette", "uvicorn"])
def test_the_demo_without_its_extra(environment: dict[str, str], module: str) -> None:
    code = (
        f"import sys; sys.modules['{module}'] = None\n"
        "from corpsync_tui.cli import main; sys.exit(main(['demo']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert (result.returncode, result.stdout) == (1, "")
    assert "'.[demo]'" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_simulator_that_does_not_start_is_no_missing_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(DemoError) as caught, simulator(tmp_path):
        pass

    assert "extra" not in caught.value.message
    assert str(tmp_path / "simulator.log") in caught.value.message


def test_the_demo_needs_a_terminal(environment: dict[str, str]) -> None:
    result = subprocess.run(
        DEMO, env=environment, capture_output=True, text=True, check=False, timeout=30
    )

    assert result.returncode == 2
    assert "terminal" in result.stderr


def _children(pid: int) -> list[int]:
    """Processes that a process has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"PPid:\t{pid}\n" in text:
            found.append(int(status.parent.name))
    return found


def test_sync_draws_bars_at_a_terminal_and_takes_them_away(cli: Cli) -> None:
    cli.welcome()
    cli.sim.fault("/corporations/{corporation_id}/membertracking", delay=1)
    terminal = Terminal([*cli.command, "sync", "members"], cli.environment, (120, 24))
    terminal.wait_for("Fetching members from ESI…")

    assert terminal.end() == 0
    assert b"98000001/members: success" in terminal.painted.splitlines()[-1]


def test_a_login_at_a_terminal_takes_the_pasted_address(cli: Cli) -> None:
    terminal = Terminal([*cli.command, "login"], cli.environment, (1000, 24))
    terminal.wait_for("paste its address here:")
    (url,) = [w for w in terminal.painted.decode().split() if w.startswith(cli.sim.url)]
    terminal.press(house.browse(url) + "\n")

    assert terminal.end() == 0
    assert b"of Hedion Freight Union is logged in." in terminal.painted
