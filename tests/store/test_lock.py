"""One process holds a data folder; the lock ends with it, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.errors import HeldError
from corpsync_tui.store.lock import HOLDER_NAME, LOCK_NAME, OwnerLock, holder

HOLD = """
import sys
from pathlib import Path
from corpsync_tui.clock import Clock
from corpsync_tui.store.lock import OwnerLock
lock = OwnerLock(Path(sys.argv[1]), "corpsync run", Clock())
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the folder until its stdin is closed or it is killed."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    yield child
    child.communicate()


def test_the_second_one_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with another_process(tmp_path) as child:
        with pytest.raises(HeldError) as caught:
            OwnerLock(tmp_path, "corpsync", Clock()).acquire()
        found = holder(tmp_path)
    for words in ("already", f"pid {child.pid}", "`corpsync run`", "EVE time"):
        assert words in caught.value.message
    assert found is not None
    assert (found.pid, found.command) == (child.pid, "corpsync run")


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    with another_process(tmp_path) as child:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert holder(tmp_path) is None
        assert (tmp_path / HOLDER_NAME).exists()
        lock = OwnerLock(tmp_path, "corpsync sync", Clock())
        lock.acquire()
        found = holder(tmp_path)
        assert found is not None
        assert found.pid == os.getpid()
        lock.release()


def test_a_released_folder_is_free(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path, "corpsync", Clock())
    lock.acquire()
    assert lock.held
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in (LOCK_NAME, HOLDER_NAME)} == {
        0o600
    }
    lock.release()
    assert not lock.held
    assert holder(tmp_path) is None
    again = OwnerLock(tmp_path, "corpsync", Clock())
    again.acquire()
    again.release()


def test_one_who_waits_gets_the_folder_when_it_becomes_free(tmp_path: Path) -> None:
    with another_process(tmp_path) as child:
        assert child.stdin is not None
        child.stdin.close()
        child.stdin = None
        lock = OwnerLock(tmp_path, "corpsync sync", Clock())
        lock.acquire(patience=30.0)
        lock.release()


def test_a_folder_that_nobody_ever_used_has_no_holder(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_looking_does_not_keep_anybody_out(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path, "corpsync", Clock())
    for _ in range(20):
        lock.acquire()
        lock.release()
        assert holder(tmp_path) is None
