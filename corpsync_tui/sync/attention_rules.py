"""What in the syncing itself needs a hand: data sets that fail, wait or lack something."""

from __future__ import annotations

from collections.abc import Iterator

from corpsync_tui.catalog.kit.rules import Finding, Look, Rule
from corpsync_tui.catalog.kit.words import span
from corpsync_tui.sync.advice import need_in_words
from corpsync_tui.sync.asked import name_of
from corpsync_tui.sync.rows import split_id

SERIOUS_FROM = 3
"""Failures in a row from which on an error is of the highest level."""

OF_CORPORATION = "s.process_id LIKE :corporation || '/%'"


def in_error(look: Look) -> Iterator[Finding]:
    """A data set whose last run failed."""
    sql = (
        "SELECT s.process_id, error_message, error_count, failing_since FROM sync_status s "
        f"JOIN sync_schedule USING (process_id) WHERE {OF_CORPORATION} AND error_count > 0 "
        "AND needs IS NULL AND enabled"
    )
    for process_id, message, count, since in look.rows(sql):
        times = f", {count} times in a row" if count > 1 else ""
        yield Finding(
            f"{process_id}/{since}",
            f"{name_of(process_id)} failed{times}: {_told(process_id, message)}",
            "high" if count >= SERIOUS_FROM else "medium",
            since,
            "retry",
            split_id(process_id)[1],
        )


def parked(look: Look) -> Iterator[Finding]:
    """A data set that cannot succeed without a login, a role or a scope."""
    sql = (
        "SELECT s.process_id, needs, failing_since FROM sync_status s "
        f"JOIN sync_schedule USING (process_id) WHERE {OF_CORPORATION} AND needs IS NOT NULL "
        "AND enabled"
    )
    for process_id, needs, since in look.rows(sql):
        yield Finding(
            f"{process_id}/{needs}/{since}",
            f"{name_of(process_id)}: {need_in_words(needs)}",
            "high",
            since,
            "retry" if needs.startswith("role:") else "login",
            split_id(process_id)[1],
        )


def overdue(look: Look) -> Iterator[Finding]:
    """A data set that should have run a while ago."""
    sql = (
        "SELECT s.process_id, s.next_run_time FROM sync_schedule s "
        f"LEFT JOIN sync_status t USING (process_id) WHERE {OF_CORPORATION} AND enabled "
        "AND s.next_run_time < :late AND t.status IS NOT 'running' AND t.needs IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM setting WHERE key = 'schedule_paused' AND value = 'true')"
    )
    late = look.now - look.threshold * 60
    if look.awake_since is not None and look.awake_since > late:
        return  # what fell due while nobody ran is only being caught up with
    for process_id, due in look.rows(sql, late=late):
        yield Finding(
            f"{process_id}/{due}",
            f"{name_of(process_id)} should have run {span(look.now - due)} ago",
            "medium",
            due,
            "retry",
            split_id(process_id)[1],
        )


def login_lost(look: Look) -> Iterator[Finding]:
    """A character whom EVE lets in no more."""
    sql = (
        "SELECT character_id, name, renewed_at FROM character "
        "WHERE corporation_id = :corporation AND needs = 'login'"
    )
    for character_id, name, renewed in look.rows(sql):
        yield Finding(
            f"{character_id}/{renewed}", f"{name} must log in anew", "high", None, "login"
        )


def token_ages(look: Look) -> Iterator[Finding]:
    """A login that was not renewed for so long that CCP may forget it."""
    sql = (
        "SELECT character_id, name, coalesce(renewed_at, logged_in_at) FROM character "
        "WHERE corporation_id = :corporation AND needs IS NULL "
        "AND coalesce(renewed_at, logged_in_at) < :before"
    )
    for character_id, name, renewed in look.rows(sql, before=look.now - look.threshold * 86_400):
        yield Finding(
            f"{character_id}/{renewed}",
            f"{name}'s login was last renewed {span(look.now - renewed)} ago",
            "medium",
            renewed + look.threshold * 86_400,
            "login",
        )


def _told(process_id: str, message: str | None) -> str:
    """The error's sentence, which begins with the process's name already."""
    return (message or "see the history").removeprefix(f"{name_of(process_id)}: ")


RULES = (
    Rule("error", in_error),
    Rule("parked", parked),
    Rule("overdue", overdue),
    Rule("login", login_lost),
    Rule("token", token_ages),
)
