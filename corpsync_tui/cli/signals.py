"""Ending by a signal, in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

ENDING = ("SIGINT", "SIGTERM")
HANG_UP = "SIGHUP"
"""The terminal was closed."""


def on_signals(names: tuple[str, ...], act: Callable[[], object]) -> None:
    """Call `act` on the running loop when one of the signals comes, where the system has it.

    A hang-up that is ignored, as under nohup, stays so.
    """
    loop = asyncio.get_running_loop()
    for name in names:
        number = getattr(signal, name, None)
        if number is None or (name == HANG_UP and signal.getsignal(number) is signal.SIG_IGN):
            continue
        with suppress(NotImplementedError):  # Windows: SIGINT stays KeyboardInterrupt
            loop.add_signal_handler(number, act)
