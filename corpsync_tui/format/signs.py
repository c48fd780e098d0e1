"""One sign for each state, result, change and level, beside its word or colour everywhere."""

from __future__ import annotations

from collections.abc import Mapping

STATE_SIGNS: Mapping[str, str] = {
    "running": "↻",
    "off": "○",
    "blocked": "✗",
    "waiting": "◔",
    "error": "!",
    "due": "›",
    "current": "✓",
}
"""Of a process."""
RESULT_SIGNS: Mapping[str, str] = {
    "running": "↻",
    "success": "✓",
    "error": "✗",
    "cancelled": "■",
    "interrupted": "↯",
    "current": "✓",
}
"""Of a run."""
KIND_SIGNS: Mapping[str, str] = {"added": "+", "changed": "~", "removed": "−", "bulk": "≈"}
"""Of a change."""
LEVEL_SIGNS: Mapping[str, str] = {"high": "✗", "medium": "!", "low": "·"}
"""Of what needs attention."""
