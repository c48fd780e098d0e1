"""All that one simulator holds, in one place."""

import json
import pickle
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import RSAKey

from corpsync_tui import __version__
from corpsync_tui.simulator.clock import SimClock, StoppedClock
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.demo import Demo
from corpsync_tui.simulator.faults import Faults
from corpsync_tui.simulator.grants import Grants, write_private
from corpsync_tui.simulator.keys import KEY_ID, Signer, make_key, shared_key
from corpsync_tui.simulator.limits import Buckets, ErrorLimit
from corpsync_tui.simulator.requestlog import RequestLog
from corpsync_tui.simulator.snapshots import Snapshots
from corpsync_tui.simulator.sso import Login, Sso
from corpsync_tui.simulator.static import StaticData
from corpsync_tui.simulator.world.build import build_world
from corpsync_tui.simulator.world.model import World

DEMO_FACTOR = 60
"""How many times faster cached answers expire in the demo, and how much more buckets hold."""
_KEPT_WORLD = "world.pickle"
_SHORTEST_CACHE = 15.0
"""Seconds; a client that waits for a renewal when a copy expires within 5 s must get ahead."""


@dataclass
class State:
    """The parts that answer requests and that the control API turns."""

    config: SimulatorConfig
    clock: SimClock
    world: World
    snapshots: Snapshots
    sso: Sso
    buckets: Buckets
    errors: ErrorLimit
    faults: Faults
    log: RequestLog
    static: StaticData
    demo: Demo | None = None
    down: bool = False
    """The daily downtime: /status and every route refuse."""
    vip: bool = False
    """The cluster is up for CCP alone: /status says so, every route refuses."""

    def cache_age(self, seconds: float) -> float:
        """How long an answer is cached, in the demo's time if it is one."""
        if not seconds or self.demo is None:
            return seconds
        return max(_SHORTEST_CACHE, seconds / DEMO_FACTOR)


def build_state(config: SimulatorConfig) -> State:
    """A simulator's beginning."""
    clock = SimClock(config.clock_offset, config.machine)
    world = _world(config, clock)
    director = next(iter(world.corporations.values())).ceo_id
    folder = config.state_dir
    sso = Sso(
        config,
        clock,
        world,
        Grants(folder / "refresh_tokens.json" if folder else None),
        Signer([_signing_key(folder)]),
        Login(director),
        redirect_uris=list(config.redirect_uris),
        rotate_refresh_tokens=config.rotate_refresh_tokens,
    )
    return State(
        config=config,
        clock=clock,
        world=world,
        snapshots=Snapshots(clock),
        sso=sso,
        buckets=Buckets(clock, factor=DEMO_FACTOR if config.demo else 1),
        errors=ErrorLimit(clock),
        faults=Faults(),
        log=RequestLog(),
        static=StaticData(),
        demo=Demo(config.seed, clock) if config.demo else None,
    )


def _world(config: SimulatorConfig, clock: SimClock) -> World:
    """The world as it was kept, else as of its first start: a second start tells the same past."""
    since = _born(config.state_dir, clock)
    if kept := _kept_world(config):
        since, world = kept
    else:
        world = build_world(config, StoppedClock(since))
    world.clock = clock
    for kind in world.counters:
        world.counters[kind] += int(clock.now() - since) * 10
    return world


def keep_world(state: State) -> None:
    """Let the demo's next start over the same folder go on from here."""
    folder = state.config.state_dir
    if folder is None or not state.config.demo:
        return
    kept = (_written_by(), state.clock.now(), state.world)
    write_private(folder / _KEPT_WORLD, pickle.dumps(kept))


def _kept_world(config: SimulatorConfig) -> tuple[float, World] | None:
    """When a world was kept, in Unix seconds, and the world; None where this one cannot read it."""
    if config.state_dir is None or not config.demo:
        return None
    try:
        content = (config.state_dir / _KEPT_WORLD).read_bytes()
        writer, since, world = pickle.loads(content)  # noqa: S301 - nobody else writes there
    except Exception:  # whatever an interrupted write or another version left there
        return None
    return (since, world) if writer == _written_by() else None


def _written_by() -> tuple[str, float]:
    """The version, and when its code was last changed: the world of another may lack something."""
    return __version__, max(file.stat().st_mtime for file in Path(__file__).parent.rglob("*.py"))


def _born(folder: Path | None, clock: SimClock) -> float:
    if folder is None:
        return clock.now()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "world.json"
    if not file.exists():
        write_private(file, json.dumps({"born": clock.now()}).encode())
    return float(json.loads(file.read_text())["born"])


def _signing_key(folder: Path | None) -> RSAKey:
    if folder is None:
        return shared_key(KEY_ID)
    file = folder / "signing_key.json"
    if not file.exists():
        key = make_key(KEY_ID)
        write_private(file, json.dumps(key.as_dict(private=True)).encode())
    return RSAKey.import_key(json.loads(file.read_text()))
