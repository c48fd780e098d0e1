"""A simulator in a process of its own, in the virtual time of this one."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from tests.support.clock import START
from tests.support.simulator import Sim
from tests.support.virtual import VirtualClock


@contextmanager
def simulator_apart(config: SimulatorConfig) -> Iterator[tuple[Sim, VirtualClock]]:
    """The simulator, and the clock that both follow."""
    spawn = multiprocessing.get_context("spawn")
    now = spawn.Value("d", START)
    here, there = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(config, now, there), daemon=True)
    process.start()
    yield Sim(here.recv(), config), _SharedClock(now)
    here.send("end")
    process.join()


class _SharedClock(VirtualClock):
    """A virtual clock that another process reads."""

    def __init__(self, shared: Any) -> None:
        super().__init__()
        self._shared = shared

    def _move_to(self, moment: float) -> None:
        super()._move_to(moment)
        self._shared.value = self.time()


def _serve(config: SimulatorConfig, now: Any, pipe: Connection) -> None:
    """A simulator in the time of the process at the pipe's other end, until that says so."""
    with Simulator(replace(config, machine=lambda: now.value)) as simulator:
        pipe.send(simulator.url)
        pipe.recv()
