"""What other programs ask of the holder of the data folder, and who watches it.

A command is `new` until the holder has `taken` it, then `done` or `refused` with an answer. One
that was not taken in time is `withdrawn` by whoever made it, and refused by the holder: it never
comes true later. Times are Unix seconds; all but the reading happens inside a write.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

KEPT_SECONDS = 86_400.0
"""For how long commands and watchers stay in the file."""
CLOCK_SLACK = 1.0
"""Seconds by which a clock may be corrected between a command and a look at it."""
TOO_LATE = "It came too late: nothing was done. Ask again."


@dataclass(frozen=True, slots=True)
class Command:
    """A command that the holder took."""

    id: int
    verb: str
    arguments: str
    """As JSON."""
    valid_until: float


def insert_command(
    db: sqlite3.Connection, verb: str, arguments: str, *, by_pid: int, made: float, seconds: float
) -> int:
    """Ask something of the holder, for so many seconds; the command's id."""
    cursor = db.execute(
        "INSERT INTO command (made, valid_until, by_pid, verb, arguments, state)"
        " VALUES (?, ?, ?, ?, ?, 'new')",
        (made, made + seconds, by_pid, verb, arguments),
    )
    return int(cursor.lastrowid or 0)


def last_command(db: sqlite3.Connection) -> int:
    """The id of the last command; 0 where there is none."""
    found: int = db.execute("SELECT coalesce(max(id), 0) FROM command").fetchone()[0]
    return found


def take_commands(db: sqlite3.Connection, after: int, now: float) -> list[Command]:
    """Take the commands above an id that are valid, oldest first, and refuse the others.

    One that was made in the future dates from before the clock was set back.
    """
    rows = db.execute(
        "SELECT id, verb, arguments, valid_until, made FROM command"
        " WHERE id > ? AND state = 'new' ORDER BY id",
        (after,),
    ).fetchall()
    taken = []
    for command_id, verb, arguments, valid_until, made in rows:
        if made - CLOCK_SLACK <= now < valid_until:
            taken.append(Command(command_id, verb, arguments, valid_until))
            db.execute("UPDATE command SET state = 'taken' WHERE id = ?", (command_id,))
        else:
            answer_command(db, command_id, "refused", TOO_LATE)
    # The last one stays, so that no id is given twice.
    old = "DELETE FROM command WHERE made < ? AND id < (SELECT max(id) FROM command)"
    db.execute(old, (now - KEPT_SECONDS,))
    db.execute("DELETE FROM watcher WHERE seen < ?", (now - KEPT_SECONDS,))
    return taken


def answer_command(db: sqlite3.Connection, command_id: int, state: str, answer: str) -> None:
    """Say what came of a command: `done` or `refused`."""
    db.execute("UPDATE command SET state = ?, answer = ? WHERE id = ?", (state, answer, command_id))


def withdraw_command(db: sqlite3.Connection, command_id: int) -> bool:
    """Take a command back; False where the holder has taken it already."""
    sql = "UPDATE command SET state = 'withdrawn' WHERE id = ? AND state = 'new'"
    return db.execute(sql, (command_id,)).rowcount == 1


def read_answer(db: sqlite3.Connection, command_id: int) -> tuple[str, str]:
    """State and answer of a command."""
    sql = "SELECT state, coalesce(answer, '') FROM command WHERE id = ?"
    state, answer = db.execute(sql, (command_id,)).fetchone() or ("refused", TOO_LATE)
    return state, answer


def save_watcher(db: sqlite3.Connection, pid: int, seen: float) -> None:
    """Say that a process watches now."""
    db.execute("INSERT OR REPLACE INTO watcher (pid, seen) VALUES (?, ?)", (pid, seen))


def remove_watcher(db: sqlite3.Connection, pid: int) -> None:
    """Say that a process watches no more."""
    db.execute("DELETE FROM watcher WHERE pid = ?", (pid,))


def read_watchers(db: sqlite3.Connection) -> frozenset[tuple[int, float]]:
    """Every watcher's process id, and when it last said that it watches."""
    return frozenset(db.execute("SELECT pid, seen FROM watcher").fetchall())
