"""Where new alerts go, besides the screens: one file each, and its line here.

A notifier is given the new alerts, each once for ever. It must neither wait nor raise: what takes
time it gives to a task or a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from corpsync_tui.alerts.notifiers import log
from corpsync_tui.queries.alerts import OpenAlert

Notifier = Callable[[tuple[OpenAlert, ...]], None]

ALL: tuple[Notifier, ...] = (log.notify,)
