"""The YAML that a notification's `text` is written in."""

from __future__ import annotations

from functools import cache
from typing import Any

LONGEST = 20_000
"""Characters of a text that is read at all; CCP's are far shorter."""
TICKS = 10_000_000
"""The parts of a second that notifications count time in."""
_ODD = (ValueError, LookupError, AttributeError, TypeError, ArithmeticError, RecursionError)
"""What PyYAML raises over a plain value that is not of the kind its tag says."""


def read_notice(text: str | None) -> dict[str, Any]:
    """The fields of a notification; none where the text is no YAML or no fields.

    Only plain values are made of it: whatever else a text asks for is refused. What an anchor
    names, as CCP does with the ids of structures, stands in several places, and is made once.
    """
    import yaml  # late: few rows are ever looked into

    if not text or len(text) > LONGEST:
        return {}
    try:
        found = yaml.load(text, _loader())  # noqa: S506  # a SafeLoader that does less
    except (yaml.YAMLError, *_ODD):
        return {}
    return found if isinstance(found, dict) else {}


@cache
def _loader() -> Any:
    """What makes plain values, and merges no mappings: merging is how YAML grows to gigabytes."""
    import yaml

    return type("Loader", (yaml.SafeLoader,), {"flatten_mapping": lambda _loader, _node: None})


def file_time(ticks: int) -> int:
    """Unix seconds of a moment as notifications tell it: 100 ns since 1601."""
    return ticks // TICKS - 11_644_473_600
