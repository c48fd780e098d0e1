"""`corpsync doctor`: what is wrong, and the remedy."""

from __future__ import annotations

from argparse import Namespace

from corpsync_tui.cli import output
from corpsync_tui.settings import Settings


def run(options: Namespace, settings: Settings) -> int:
    """Check everything; exit 1 when a check fails."""
    from corpsync_tui.upkeep.doctor import examine

    checks = examine(settings)
    ok = all(check.ok for check in checks)
    if options.json:
        listed = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks]
        output.document({"ok": ok, "checks": listed})
    else:
        rows = [("✓" if c.ok else "✗", c.name, c.detail) for c in checks]
        output.lines(output.table(("", "Check", "Finding"), rows))
    return 0 if ok else 1
