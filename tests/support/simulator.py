"""The simulator for tests: a fixture that runs one in this process, and a client of any other.

A test module gets the fixture by importing it: `from tests.support.simulator import simulator`,
or from a `conftest.py` that does.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.simulator.verbs import Verbs

__all__ = ["SCALES", "Sim", "Simulator", "SimulatorConfig", "simulator", "simulator_process"]

_direct = build_opener(ProxyHandler({}))


class Sim(Verbs):
    """The control API of a simulator in another process, over HTTP."""

    def __init__(self, url: str, config: SimulatorConfig | None = None, **hello: Any) -> None:
        self.url, self.config = url, config or SimulatorConfig()
        self.corporation_id = int(hello.get("corporation_id") or self._first()["corporation_id"])
        self.character_id = int(
            hello.get("character_id") or self._first()["characters"][0]["character_id"]
        )

    def call(self, method: str, verb: str, **fields: Any) -> dict[str, Any]:
        """Carry out one verb over HTTP."""
        address = f"{self.url}/_sim/{verb}"
        body = None
        if method == "GET":
            name = fields.pop("name", None)
            address += f"/{name}" if name else ""
            address += f"?{urlencode(fields)}" if fields else ""
        else:
            body = json.dumps(fields).encode()
        with _direct.open(Request(address, data=body, method=method), timeout=10) as answer:
            document: dict[str, Any] = json.load(answer)
        return document

    def _first(self) -> dict[str, Any]:
        return self.world()[0]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator of scale `small` in this process, its world still unless told."""
    with Simulator() as running:
        yield running


@contextmanager
def simulator_process(*arguments: str) -> Iterator[Sim]:
    """`python -m corpsync_tui.simulator` with these arguments, until the block ends."""
    command = [sys.executable, "-m", "corpsync_tui.simulator", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield Sim(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(timeout=10)
