"""The log, which `corpsync run` shows line by line."""

from __future__ import annotations

import logging

from corpsync_tui.sync.attention import Item

log = logging.getLogger(__name__)

LINES = 20
"""Items told one by one; of more the number alone."""


def tell(items: tuple[Item, ...]) -> None:
    """A line for each."""
    for item in items[:LINES]:
        log.info("needs attention: %s", item.alert.sentence)
    if len(items) > LINES:
        log.info("needs attention: %d more, see `corpsync attention`", len(items) - LINES)
