"""A program that shows one scene on the terminal it is started in: `python -m … SCENE`."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence

from corpsync_tui.cli.screen import exit_code
from tests.tui.scenes import SCENES
from tests.tui.stage import StageApp

LONG = 120.0
"""Seconds that nobody waits for."""


class TroubledApp(StageApp):
    """The stage, with keys that bring trouble."""

    def key_ampersand(self) -> None:
        """The loop stands still."""
        time.sleep(LONG)

    def key_percent_sign(self) -> None:
        """A thread that nobody can stop."""
        self.run_worker(asyncio.to_thread(time.sleep, LONG), exit_on_error=False)

    def key_dollar_sign(self) -> None:
        """The app ends without having been left."""
        self._close_messages_no_wait()


def main(arguments: Sequence[str]) -> int:
    """Show the scene until the app is left; the exit code."""
    (scene,) = arguments
    app = TroubledApp(SCENES[scene]())
    app.run()
    return exit_code(app)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
