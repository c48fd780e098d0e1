"""Leaving the app, whatever else still runs: signals that always end it, threads nobody awaits."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class DaemonThreads(ThreadPoolExecutor):
    """A daemon thread for each call: the default executor of a loop that must end at once.

    `asyncio.run` waits for the threads of its executor, and so does Python's own end: a backup,
    an export or a look-up of a host name would hold the director for as long as it takes.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start a thread."""
        future: Future[T] = Future()
        call = (future, lambda: fn(*args, **kwargs))
        threading.Thread(target=_fulfil, args=call, name="blocking", daemon=True).start()
        return future

    def shutdown(self, *_args: object, **_options: object) -> None:
        """Wait for nobody."""


def _fulfil(future: Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


class SignalWatch:
    """Leaves at SIGTERM and SIGHUP in order; by force where the event loop does not turn.

    Python's own handlers run in the main thread, between two of its steps: a thread of its own
    hears of a signal through the file that `signal.set_wakeup_fd` names, whatever that is doing.
    """

    def __init__(
        self, leave: Callable[[], object], restore: Callable[[], object], *, patience: float
    ) -> None:
        self._leave = leave
        self._restore = restore
        self._patience = patience

    def start(self) -> None:
        """Take over both signals, where the system has them; in the main thread only."""
        if not hasattr(signal, "SIGHUP"):
            return
        heard, written = os.pipe()
        os.set_blocking(written, False)
        with suppress(ValueError):  # not the main thread
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: None)
            signal.set_wakeup_fd(written, warn_on_full_buffer=False)
            threading.Thread(target=self._watch, args=(heard,), name="signals", daemon=True).start()

    def _watch(self, heard: int) -> None:
        while numbers := os.read(heard, 64):
            number = next((n for n in numbers if n in (signal.SIGTERM, signal.SIGHUP)), None)
            if number is not None:
                with suppress(RuntimeError):  # the loop is closed
                    self._leave()
                self._end_later(number)

    def _end_later(self, number: int) -> None:
        timer = threading.Timer(self._patience, self._end, (number,))
        timer.daemon = True
        timer.start()

    def _end(self, number: int) -> None:
        log.critical("the app did not leave in time after a signal")
        self._restore()
        os._exit(128 + number)
