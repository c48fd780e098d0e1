"""A program that shows one scene on the terminal it is started in: `python -m … SCENE`."""

from __future__ import annotations

import sys

from tests.tui.scenes import SCENES
from tests.tui.stage import StageApp

if __name__ == "__main__":
    app = StageApp(SCENES[sys.argv[1]]())
    app.run()
    sys.exit(app.return_code or 0)
