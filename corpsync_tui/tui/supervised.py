"""No mistake of corpsync's own ends the app: it is logged in full, shown once, and all goes on.

Textual ends the app at the first exception and prints every local variable, tokens included.
"""

from __future__ import annotations

import inspect
import logging
import time
import weakref
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.message import Message
from textual.worker import Worker, WorkerFailed, WorkerState

if TYPE_CHECKING:
    from textual.dom import DOMNode

    Node = DOMNode
else:
    Node = object

MISTAKE = "corpsync made a mistake ({name}) and goes on; its log has the details"
FATAL = "corpsync could not go on; its log says why"
TOLD_EVERY = 60.0
"""Seconds between two words about the same mistake: one at each tick would drown the rest."""

log = logging.getLogger(__name__)


class Supervised(Node):
    """For apps, screens and widgets: what a handler or a worker of theirs raises ends nothing."""

    def run_worker(self, work: Any, *args: Any, **kwargs: Any) -> Worker[Any]:
        """As Textual does it; a coroutine whose worker is cancelled before it begins is closed.

        Python would warn of such a one that nobody ever awaited it.
        """
        worker: Worker[Any] = super().run_worker(work, *args, **kwargs)
        if inspect.iscoroutine(work):
            weakref.finalize(worker, work.close).atexit = False
        return worker

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if isinstance(message, events.Compose | events.Mount):
                raise  # what could not be built is not there: Textual must know
            _app_of(self).fail(error)

    def _on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        error = event.worker.error
        if event.state is WorkerState.ERROR and isinstance(error, Exception):
            _app_of(self).fail(error)


class SupervisedApp(Supervised, App[str]):
    """An app that bears its own mistakes, and a terminal that is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[type, int], float] = {}

    async def on_event(self, event: events.Event) -> None:
        """What is typed when the screens are gone already, as at the end, goes to nobody."""
        if self.screen_stack or not isinstance(event, events.InputEvent):
            await super().on_event(event)

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver; where terminals hang up, the one that bears it."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from corpsync_tui.tui.driver import LastingDriver

        return LastingDriver

    def fail(self, error: Exception) -> None:
        """Log a mistake, and tell it; the same one again only after a while."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error
        where, now = (type(error), _line(error)), time.monotonic()
        if now - self._told.get(where, -TOLD_EVERY) < TOLD_EVERY:
            return
        self._told[where] = now
        log.error("a mistake of the screens", exc_info=error)
        if self.is_headless and self._exception is None:  # a test is to hear of it
            self._exception = error
            self._exception_event.set()
        if self.is_running and self.screen_stack:
            self.tell_mistake(MISTAKE.format(name=type(error).__name__))

    def tell_mistake(self, sentence: str) -> None:
        """Show a sentence about a mistake."""
        self.notify(sentence, severity="error", markup=False)

    def _handle_exception(self, error: Exception) -> None:
        if self._is_mounted:
            self.fail(error)
            return
        log.critical("the app could not start", exc_info=error)
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.exit(return_code=1, message=FATAL)


def _app_of(node: Any) -> SupervisedApp:
    return cast("SupervisedApp", node.app)


def _line(error: Exception) -> int:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return 0 if trace is None else trace.tb_lineno
