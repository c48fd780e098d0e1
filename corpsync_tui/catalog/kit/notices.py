"""The YAML that a notification's `text` is written in."""

from __future__ import annotations

from typing import Any

LONGEST = 20_000
"""Characters of a text that is read at all; CCP's are far shorter."""


def read_notice(text: str | None) -> dict[str, Any]:
    """The fields of a notification; none where the text is no YAML or no fields.

    Only plain values are made of it: whatever else a text asks for is refused.
    """
    import yaml  # late: few rows are ever looked into

    if not text or len(text) > LONGEST or "&" in text:  # anchors: how YAML grows to gigabytes
        return {}
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
