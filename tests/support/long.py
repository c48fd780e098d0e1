"""What the long tests share: how much each does, how long at the most, and a table at the end.

A pytest plugin: it gives `tally`, and options that make the long tests shorter.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

PROPERTY = "figures"


@dataclass
class Tally:
    """What one harness did."""

    share: float
    """Of what is asked for, how much is done: 1 but where `--long-share` says less."""
    seconds: float
    seed: int
    figures: dict[str, int | float] = field(default_factory=dict)
    """By name, for the table at the end; those of a harness's cases are added up."""

    def rounds(self, what: str, wanted: int) -> Iterator[int]:
        """Numbers from 0, until so many rounds were made or the time is over."""
        end, most = time.monotonic() + self.seconds, max(1, round(wanted * self.share))
        self.figures[what] = 0
        self.figures[f"{what} wanted"] = most
        for number in range(most):
            if time.monotonic() > end:
                return
            yield number
            self.figures[what] += 1

    def count(self, what: str, number: int = 1) -> None:
        """Add to a figure."""
        self.figures[what] = self.figures.get(what, 0) + number


class Table:
    """The figures of all harnesses, as they come from whichever process ran them."""

    def __init__(self) -> None:
        self._figures: dict[str, dict[str, int | float]] = defaultdict(lambda: defaultdict(int))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test left in its report."""
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == PROPERTY and isinstance(value, dict):
                figures = self._figures[report.nodeid.rpartition("/")[2].partition("[")[0]]
                for what, number in value.items():
                    figures[what] += number
                figures["minutes"] += report.duration / 60

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print a line for each harness."""
        if self._figures:
            terminalreporter.section("figures of the long tests")
        for harness, figures in sorted(self._figures.items()):
            told = [
                f"{what} {number:,.1f}" if what == "minutes" else f"{what} {number:,}"
                for what, number in figures.items()
            ]
            terminalreporter.write_line(f"{harness}: {', '.join(told)}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that make the long tests shorter."""
    group = parser.getgroup("long tests")
    group.addoption("--long-share", type=float, default=1.0, help="of what they do, so much")
    group.addoption("--long-minutes", type=float, default=60.0, help="of each, at the most")
    group.addoption("--long-seed", type=int, default=1, help="of all that is left to chance")


def pytest_configure(config: pytest.Config) -> None:
    """Collect what the tests tell."""
    config.pluginmanager.register(Table())


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """The test's figures; a test that is not long does all that it says."""
    option = request.config.getoption
    seconds, seed = 60 * option("--long-minutes"), option("--long-seed")
    if request.node.get_closest_marker("long") is None:
        return Tally(1.0, seconds, seed)
    told = Tally(option("--long-share"), seconds, seed)
    request.node.user_properties.append((PROPERTY, told.figures))
    return told
