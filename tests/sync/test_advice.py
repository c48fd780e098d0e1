"""Every failure: its kind, a sentence, and what helps."""

from __future__ import annotations

import errno
import socket
import sqlite3
import ssl
from typing import get_args

import peewee
import pytest

from corpsync_tui.errors import (
    AuthError,
    CorpsyncError,
    DatabaseError,
    DowntimeError,
    ErrorKind,
    EsiError,
    GoneError,
    HeldError,
    KeyringError,
    LimitError,
    NetworkError,
    SettingsError,
    SnapshotRenewedError,
    ValidationError,
)
from corpsync_tui.sync.advice import advise, need_in_words, needs_of, remedy_for


@pytest.mark.parametrize(
    ("error", "kind", "helps"),
    [
        (AuthError("Refused."), "auth", "corpsync login"),
        (LimitError("Out of tokens."), "limit", "Nothing to do"),
        (NetworkError("No answer."), "network", "network of this computer"),
        (EsiError("500.", status=500), "esi", "press s"),
        (GoneError("404.", status=404), "esi", "gone at ESI"),
        (DowntimeError("Down."), "esi", "goes on by itself"),
        (SnapshotRenewedError("Renewed."), "esi", "renewed the data"),
        (ValidationError("$[3].item_id is no integer."), "validation", "newer corpsync"),
        (DatabaseError("Disk full."), "database", "corpsync doctor"),
        (KeyringError("Locked."), "auth", "press r"),
        (SettingsError("Wrong."), "internal", "Correct the setting"),
        (HeldError("Already open."), "internal", "other corpsync"),
        (CorpsyncError("Odd."), "internal", "the log"),
    ],
)
def test_our_own_errors_keep_their_sentence(error: CorpsyncError, kind: str, helps: str) -> None:
    advice = advise(error)

    assert (advice.kind, advice.sentence) == (kind, error.message)
    assert helps in advice.remedy


@pytest.mark.parametrize(
    ("needs", "in_message", "helps"),
    [
        ("login", "corpsync login", "corpsync login"),
        ("role:Accountant", "Accountant", "role Accountant granted"),
        ("scope:esi-assets.read_corporation_assets.v1", "esi-assets", "grant esi-assets"),
    ],
)
def test_what_the_director_must_give_stands_in_the_message(
    needs: str, in_message: str, helps: str
) -> None:
    error = AuthError("ESI refuses this.", needs=needs)
    advice = advise(error)

    assert in_message in advice.sentence
    assert helps in advice.remedy
    assert advice.remedy == remedy_for("auth", needs)
    assert needs_of(error) == needs


def test_a_message_that_says_it_already_is_left_alone() -> None:
    error = AuthError("The login of Aldra Vex has ended: corpsync login", needs="login")

    assert advise(error).sentence == error.message


@pytest.mark.parametrize(
    "error",
    [sqlite3.OperationalError("no such table"), peewee.OperationalError("no such table")],
)
def test_an_error_of_the_database_driver(error: Exception) -> None:
    advice = advise(error)

    assert advice.kind == "database"
    assert advice.sentence == "The database could not be used: no such table."


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/data"),
            "database",
            "The disk is full at /data; nothing was changed. Free some space.",
        ),
        (PermissionError(errno.EACCES, "no", "/data"), "database", "may not write at /data"),
        (OSError(errno.EROFS, "Read-only", "/data"), "database", "may not write at /data"),
        (OSError(errno.EIO, "Input/output error"), "database", "Input/output error"),
        (ConnectionResetError(errno.ECONNRESET, "reset by peer"), "network", "reset by peer"),
        (TimeoutError(), "network", "TimeoutError"),
        (socket.gaierror(-2, "Name or service not known"), "network", "not known"),
        (ssl.SSLError(1, "certificate verify failed"), "network", "certificate"),
    ],
)
def test_an_error_of_the_system(error: OSError, kind: str, sentence: str) -> None:
    advice = advise(error)

    assert advice.kind == kind
    assert sentence in advice.sentence


def test_an_unknown_error_is_our_own_mistake_and_shows_none_of_its_text() -> None:
    advice = advise(ValueError("token eyJhbGciOi"))

    assert advice.kind == "internal"
    assert advice.sentence == "corpsync made a mistake (ValueError); its log has the details."
    assert "log" in advice.remedy


def test_of_a_group_the_one_that_needs_the_director_counts() -> None:
    login = AuthError("Ended.", needs="login")
    group = ExceptionGroup("two pages", [NetworkError("No answer."), login])

    assert advise(group).kind == "auth"
    assert needs_of(group) == "login"


def test_every_kind_has_a_remedy() -> None:
    for kind in get_args(ErrorKind):
        assert remedy_for(kind).endswith(".")


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ("login", "Needs a login"),
        ("role:Accountant", "Needs role Accountant"),
        ("scope:esi-x.v1", "Needs scope esi-x.v1"),
    ],
)
def test_a_need_in_words(needs: str, words: str) -> None:
    assert need_in_words(needs) == words


def test_a_long_message_leaves_room_for_what_is_needed() -> None:
    sentence = advise(AuthError("x\n" * 999, needs="login")).sentence
    assert sentence.endswith("…: run corpsync login.")
    assert len(sentence) == 300
    assert sentence.isprintable()
