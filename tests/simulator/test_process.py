"""The simulator as a process of its own, and the demo that lives."""

import json
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from corpsync_tui.simulator import life
from corpsync_tui.simulator.clock import SimClock
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.demo import Demo
from corpsync_tui.simulator.routes import ROUTES
from corpsync_tui.simulator.state import build_state
from corpsync_tui.simulator.world.tables import TABLES
from tests.support.simulator import Simulator, simulator_process

COMMAND = [sys.executable, "-m", "corpsync_tui.simulator"]


def test_prints_one_line_serves_and_ends_with_its_standard_input() -> None:
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        hello = json.loads(process.stdout.readline())
        assert hello["pid"] == process.pid
        assert hello["client_id"] == SimulatorConfig().client_id
        corporation = httpx.get(f"{hello['url']}/corporations/{hello['corporation_id']}")
        assert corporation.json()["name"] == "Hedion Freight Union"
        out, err = process.communicate(timeout=10)
        assert (out, err, process.returncode) == (b"", b"", 0)


def test_ends_when_its_parent_is_killed() -> None:
    script = f"import subprocess, time; subprocess.Popen({COMMAND!r}, stdin=subprocess.PIPE).wait()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert json.loads(parent.stdout.readline())["url"]
        parent.kill()
        assert parent.stdout.read() == b""


def test_ends_silently_with_requests_in_the_air() -> None:
    with subprocess.Popen(
        [*COMMAND, "--demo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/status", timeout=0.05)
        assert process.communicate(timeout=10) == (b"", b"")


def test_ends_at_sigterm() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        httpx.get(f"{url}/status")  # by now it waits: a signal just before is heard when that ends
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_key_tokens_and_past_last_with_the_state_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    config = SimulatorConfig(state_dir=folder)
    with Simulator(config) as first:
        refresh = first.refresh_token(first.character_id)
        keys = httpx.get(f"{first.url}/oauth/jwks").json()
        journal = first.truth("wallet_journal")
    with Simulator(config) as second:
        assert httpx.get(f"{second.url}/oauth/jwks").json() == keys
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh,
            "client_id": config.client_id,
        }
        assert httpx.post(f"{second.url}/v2/oauth/token", data=form).status_code == 200
        assert second.truth("wallet_journal") == journal
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 3


def test_the_demo_goes_on_where_it_ended(tmp_path: Path) -> None:
    config = SimulatorConfig(scale=SCALES["demo"], demo=True, state_dir=tmp_path)
    with Simulator(config) as first:
        first.tick(300)
        newest = first.truth("wallet_journal")[:20]
    with Simulator(config) as second:
        journal = second.truth("wallet_journal")
    assert all(entry in journal for entry in newest)
    assert max(row["id"] for row in journal) > max(row["id"] for row in newest)


def test_a_demo_whose_world_cannot_be_read_begins_anew(tmp_path: Path) -> None:
    config = SimulatorConfig(scale=SCALES["demo"], demo=True, state_dir=tmp_path)
    with Simulator(config) as first:
        oldest = first.truth("wallet_journal")[-100:]
    (tmp_path / "world.pickle").write_bytes(b"half")
    with Simulator(config) as second:
        assert any(entry in second.truth("wallet_journal") for entry in oldest)


def test_the_world_that_other_code_of_this_version_kept_is_not_taken_over(tmp_path: Path) -> None:
    config = SimulatorConfig(scale=SCALES["demo"], demo=True, state_dir=tmp_path)
    kept = tmp_path / "world.pickle"
    with Simulator(config) as first:
        first.tick(300)
        newest = first.truth("wallet_journal")[:20]
    (version, _), since, world = pickle.loads(kept.read_bytes())
    kept.write_bytes(pickle.dumps(((version, 0.0), since, world)))
    with Simulator(config) as second:
        journal = second.truth("wallet_journal")
    assert not any(entry in journal for entry in newest)


def test_demo_answers_slowly_and_expires_soon() -> None:
    with simulator_process("--demo", "--seed", "3") as simulator:
        assert simulator.world()[0]["ticker"] == "HEDU"
        assert len(simulator.truth("asset")) > 4000
        answer = httpx.get(f"{simulator.url}/status")
        assert answer.elapsed.total_seconds() > 0.19
        age = int(answer.headers["Cache-Control"].rsplit("=", 1)[1])
        assert 5 < age <= 15
        assert simulator.requests(path="/status")[0]["status"] == 200


def test_a_minute_of_demo_changes_nearly_every_table() -> None:
    with Simulator(SimulatorConfig(scale=SCALES["demo"])) as simulator:
        tables = [name for name in TABLES if name != "market_order_history"]
        before = {name: simulator.truth(name) for name in tables}
        simulator.tick(int(60 * life.EVENTS_A_SECOND))
        changed = [name for name in tables if simulator.truth(name) != before[name]]
    assert len(changed) >= 8


def test_outage_begins_at_a_request_fails_one_route_and_passes() -> None:
    clock = SimClock()
    demo = Demo(1, clock)
    assets, wallets = (
        next(route for route in ROUTES if route.path.endswith(end))
        for end in ("/assets", "/wallets")
    )
    assert not demo.fails(assets)
    clock.offset += 60
    assert demo.fails(assets)
    assert not demo.fails(wallets)
    clock.offset += 15
    assert demo.fails(assets)
    clock.offset += 10
    assert not demo.fails(assets)
    clock.offset += 200
    assert demo.fails(wallets)


@pytest.mark.parametrize("seed", range(3))
def test_demo_can_go_on_for_hours(seed: int) -> None:
    state = build_state(SimulatorConfig(scale=SCALES["demo"], seed=seed))
    corporation = state.world.corporations[98000001]
    for _ in range(8):
        life.tick(state.world, 1_000)
        life.forget(corporation)
    assert 40 <= len(corporation.rows("member")) <= 90
    assert 3_000 < len(corporation.rows("asset")) < 7_000
    assert len(corporation.rows("wallet_journal", 1)) <= 2_600
    assert len(corporation.rows("container_log")) <= 2_000
