"""The parts of a run that fail alone (divisions, observers, killmails), and when to stop asking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpsync_tui.errors import (
    AuthError,
    CorpsyncError,
    DowntimeError,
    EsiError,
    GoneError,
    KeyringError,
    LimitError,
    NetworkError,
)
from corpsync_tui.store.naming import Naming

NETWORK_FAILURES = 2
"""Units in a row that got no usable answer, after which the rest are not asked."""
SERVER_FAILURES = 8
"""Units of a data set in a row at which ESI failed, after which its rest is not asked."""


def refusal_status(error: CorpsyncError) -> int | None:
    """The status with which ESI refused one thing for good; None where it may come yet."""
    if isinstance(error, GoneError):
        return error.status
    refused = isinstance(error, AuthError | EsiError) and error.status == 403
    return 403 if refused else None


@dataclass(frozen=True, slots=True)
class Failure:
    """A unit that could not be had."""

    unit: str
    error: CorpsyncError
    whole: bool = False
    """Whether it is a data set of its own, whose 404 is an error too."""

    @property
    def gone(self) -> bool:
        """Whether ESI says that there is no such thing: noted, but no error of the run."""
        return not self.whole and refusal_status(self.error) is not None


class Failures:
    """What failed in a run so far."""

    def __init__(self) -> None:
        self._all: list[Failure] = []
        self._in_a_row: list[CorpsyncError] = []
        self._refused: CorpsyncError | None = None
        """Why nothing more is asked for in this run."""
        self._ill: CorpsyncError | None = None
        """Why nothing more is asked for of the present data set."""

    def __iter__(self) -> Iterator[Failure]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def are_in_a_row(self) -> bool:
        """Whether what was asked last failed."""
        return bool(self._in_a_row)

    def begin(self) -> None:
        """A data set begins: that ESI failed at another's route says nothing of this one's."""
        self._in_a_row.clear()
        self._ill = None

    def came(self) -> None:
        """A unit was answered."""
        self._in_a_row.clear()

    def add(
        self, unit: str, error: CorpsyncError, *, whole: bool = False, alone: bool = False
    ) -> None:
        """A unit failed; some failures make asking for the others pointless, unless it is `alone`.

        So is a character among several: that its login has ended says nothing of the others'.
        """
        self._all.append(Failure(unit, error, whole))
        if alone and isinstance(error, AuthError):
            return
        if isinstance(error, GoneError):
            self.came()
        else:
            self._in_a_row.append(error)
        if self._ends_run(error):
            self._refused = error
        elif sum(isinstance(e, EsiError | AuthError) for e in self._in_a_row) >= SERVER_FAILURES:
            self._ill = error

    def skips(self, unit: str) -> bool:
        """Whether a unit is not asked for any more; it has then failed for the same reason."""
        why = self._refused or self._ill
        if why is None:
            return False
        self._all.append(Failure(unit, why))
        return True

    def name(self, naming: Naming, corporation_id: int) -> None:
        """Call units by their names, where these are known: `observer Urlen - Moon Drill`."""
        self._all = [
            replace(failure, unit=_named(failure.unit, naming, corporation_id))
            for failure in self._all
        ]

    def _ends_run(self, error: CorpsyncError) -> bool:
        if isinstance(error, AuthError):
            return error.needs == "login"
        silent = sum(isinstance(e, NetworkError) for e in self._in_a_row) >= NETWORK_FAILURES
        return silent or isinstance(error, DowntimeError | LimitError | KeyringError)


def _named(unit: str, naming: Naming, corporation_id: int) -> str:
    """`division 4 (Moon Income)`, `observer Urlen - Moon Drill`; without a name as it was."""
    kind, _, number = unit.rpartition(" ")
    if not number.isdecimal():
        return unit
    if kind == "division":
        name = naming.division(corporation_id, "wallet", int(number))
        return unit if name.endswith(number) else f"{unit} ({name})"
    name_of_id = naming.known(int(number))
    return f"{kind} {name_of_id}" if name_of_id else unit
