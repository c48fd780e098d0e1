"""What in the syncing itself needs attention: data sets that fail, wait or lack something."""

from __future__ import annotations

from collections.abc import Iterator

from corpsync_tui.alerts.queue import read_sinks
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.times import span_in_words
from corpsync_tui.queries.processes import OVERDUE
from corpsync_tui.queries.records import split_id
from corpsync_tui.settings.attention import OF_SYNCING
from corpsync_tui.sync.advice import need_in_words

SERIOUS_FROM = 3
"""Failures in a row from which on an error is of the highest level."""

OF_CORPORATION = "s.process_id LIKE :corporation || '/%'"


def in_error(context: RuleContext) -> Iterator[Alert]:
    """A data set whose last run failed."""
    sql = (
        "SELECT s.process_id, error_message, error_count, failing_since FROM sync_status s "
        f"JOIN sync_schedule USING (process_id) WHERE {OF_CORPORATION} AND error_count > 0 "
        "AND needs IS NULL AND enabled"
    )
    for process_id, message, count, since in context.rows(sql):
        times = f", {count} times in a row" if count > 1 else ""
        yield Alert(
            f"{process_id}/{since}",
            f"{process_title(process_id)} failed{times}: {_told(process_id, message)}",
            "high" if count >= SERIOUS_FROM else "medium",
            since,
            "retry",
            split_id(process_id)[1],
        )


def parked(context: RuleContext) -> Iterator[Alert]:
    """A data set that cannot succeed without a login, a role or a scope."""
    sql = (
        "SELECT s.process_id, needs, failing_since FROM sync_status s "
        f"JOIN sync_schedule USING (process_id) WHERE {OF_CORPORATION} AND needs IS NOT NULL "
        "AND enabled"
    )
    for process_id, needs, since in context.rows(sql):
        yield Alert(
            f"{process_id}/{needs}/{since}",
            f"{process_title(process_id)}: {need_in_words(needs)}",
            "high",
            since,
            "retry" if needs.startswith("role:") else "login",
            split_id(process_id)[1],
        )


def overdue(context: RuleContext) -> Iterator[Alert]:
    """A data set that should have run a while ago."""
    sql = f"{OVERDUE} AND {OF_CORPORATION}"
    late = context.now - context.threshold * 60
    if context.awake_since is not None and context.awake_since > late:
        return  # what fell due while nobody ran is only being caught up with
    for process_id, due in context.rows(sql, late=late):
        yield Alert(
            f"{process_id}/{due}",
            f"{process_title(process_id)} should have run {span_in_words(context.now - due)} ago",
            "medium",
            due,
            "retry",
            split_id(process_id)[1],
        )


def login_lost(context: RuleContext) -> Iterator[Alert]:
    """A character whom EVE lets in no more."""
    sql = (
        "SELECT character_id, name, renewed_at FROM character "
        "WHERE corporation_id = :corporation AND needs = 'login'"
    )
    for character_id, name, renewed in context.rows(sql):
        yield Alert(f"{character_id}/{renewed}", f"{name} must log in again", "high", None, "login")


def token_ages(context: RuleContext) -> Iterator[Alert]:
    """A login that was not renewed for so long that CCP may forget it."""
    sql = (
        "SELECT character_id, name, coalesce(renewed_at, logged_in_at) FROM character "
        "WHERE corporation_id = :corporation AND needs IS NULL "
        "AND coalesce(renewed_at, logged_in_at) < :before"
    )
    for character_id, name, renewed in context.rows(
        sql, before=context.now - context.threshold * 86_400
    ):
        yield Alert(
            f"{character_id}/{renewed}",
            f"{name}'s login was last renewed {span_in_words(context.now - renewed)} ago",
            "medium",
            renewed + context.threshold * 86_400,
            "login",
        )


def sinks_gone(context: RuleContext) -> Iterator[Alert]:
    """A webhook that does not exist any more; an alert of one corporation, though all lack it."""
    sql = "SELECT min(CAST(process_id AS INTEGER)) FROM sync_schedule"
    if context.rows(sql) != [(context.corporation_id,)]:
        return
    for sink, state in read_sinks(context.db).items():
        if state.off:
            yield Alert(
                f"{sink}/{state.since}",
                f"Alerts are not sent to {sink} any more ({state.off}): the webhook is gone. "
                f"Add it again: corpsync alert add {sink} URL",
                "high",
            )


def _told(process_id: str, message: str | None) -> str:
    """The error's sentence, which begins with the process's name already."""
    return (message or "see the history").removeprefix(f"{process_title(process_id)}: ")


_FINDERS = {
    "error": in_error,
    "parked": parked,
    "overdue": overdue,
    "login": login_lost,
    "token": token_ages,
    "alerts": sinks_gone,
}
RULES = tuple(
    Rule(key.name, _FINDERS[key.name], says=key.comment, default=key.default) for key in OF_SYNCING
)
