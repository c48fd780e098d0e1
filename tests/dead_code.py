"""`python -m tests.dead_code`: names that nothing in the package or its tests uses.

Columns, wire fields and logged fields are declared to be read by their names, so unused
variables of those files are none.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from vulture import Vulture  # type: ignore[import-untyped]  # it bears no types

ROOT = Path(__file__).parent.parent
DECLARATIONS = (
    "corpsync_tui/catalog",
    "corpsync_tui/settings/alerts.py",
    "corpsync_tui/simulator/requestlog.py",
    "corpsync_tui/store/files.py",
    "corpsync_tui/store/models.py",
    "corpsync_tui/tui/screens/sync/text.py",
    "tests/catalog",
    "tests/engine/declared.py",
    "tests/names/test_ids.py",
    "tests/store/tables.py",
)


def unused() -> list[str]:
    """One line for each name that nothing uses."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["vulture"]
    search = Vulture(
        ignore_names=settings["ignore_names"], ignore_decorators=settings["ignore_decorators"]
    )
    search.scavenge([str(ROOT / path) for path in settings["paths"]])
    found = search.get_unused_code(min_confidence=settings["min_confidence"])
    return [
        item.get_report()
        for item in found
        if item.typ != "variable"
        or not any(Path(item.filename).is_relative_to(ROOT / path) for path in DECLARATIONS)
    ]


def main() -> int:
    """Print them; 1 where there are any."""
    found = unused()
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
