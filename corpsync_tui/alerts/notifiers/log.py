"""The log, which `corpsync run` shows line by line."""

from __future__ import annotations

import logging

from corpsync_tui.queries.alerts import OpenAlert

log = logging.getLogger(__name__)

LINES = 20
"""Alerts written one by one; of more the number alone."""


def notify(alerts: tuple[OpenAlert, ...]) -> None:
    """A line for each."""
    for alert in alerts[:LINES]:
        log.info("needs attention: %s", alert.sentence)
    if len(alerts) > LINES:
        log.info("needs attention: %d more, see `corpsync attention`", len(alerts) - LINES)
