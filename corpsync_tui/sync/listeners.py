"""Who hears of what happens."""

from __future__ import annotations

import logging
from collections.abc import Callable

from corpsync_tui.sync.events import SyncEvent

log = logging.getLogger(__name__)

Listener = Callable[[SyncEvent], None]


class Listeners:
    """Calls listeners on the event loop; one that raises harms nobody else."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called at every event; the answer ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def send(self, event: SyncEvent) -> None:
        """Call every listener."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed at %s", type(event).__name__)
