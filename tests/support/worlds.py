"""The simulator's worlds, each made once in a process and copied for every simulator after it.

A pytest plugin. A test's world is its own: whatever it changes, the next begins with a fresh copy.
"""

import functools
import pickle
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from corpsync_tui.simulator import state
from corpsync_tui.simulator.clock import SimClock, StoppedClock
from corpsync_tui.simulator.config import SCALES, Scale, SimulatorConfig
from corpsync_tui.simulator.world.build import build_world
from corpsync_tui.simulator.world.model import World
from corpsync_tui.simulator.world.tables import TABLES


@pytest.fixture(scope="session", autouse=True)
def _worlds() -> Iterator[None]:
    with patch.object(state, "build_world", _copied):
        yield


def _copied(config: SimulatorConfig, clock: SimClock) -> World:
    """The world of a seed, as of the last full minute; of a test's own size as of this moment."""
    if config.scale not in SCALES.values():
        return build_world(config, clock)
    minute = clock.now() // 60
    content = _made(config.scale, config.seed, config.corporations, minute, tuple(TABLES))
    world: World = pickle.loads(content)
    return world


@functools.lru_cache(maxsize=8)
def _made(
    scale: Scale, seed: int, corporations: int, minute: float, _tables: tuple[str, ...]
) -> bytes:
    config = SimulatorConfig(scale=scale, seed=seed, corporations=corporations)
    return pickle.dumps(build_world(config, StoppedClock(minute * 60)))
