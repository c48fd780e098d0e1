"""The log keeps no secret and belongs to its owner."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpsync_tui.cli import logs
from corpsync_tui.settings import load_settings

CANARY = "c4n4ry"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose log is open; the process's own logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    ours = logging.getLogger("corpsync_tui").level
    logs.start(load_settings({"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_LOG_LEVEL": "debug"}))
    yield tmp_path
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("corpsync_tui").setLevel(ours)


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"Authorization: Basic {CANARY}==",
        f"GET /callback?code={CANARY}&state={CANARY}",
        f"grant_type=refresh_token&refresh_token={CANARY}",
        f"code_verifier={CANARY}",
        f"eyJhbGciOi.{CANARY}.{CANARY}",
    ],
)
def test_secrets_are_struck_out(text: str) -> None:
    assert CANARY not in logs.redacted(text)


def test_nothing_is_made_before_there_is_something_to_tell(home: Path) -> None:
    assert list(home.iterdir()) == []


def test_a_traceback_is_logged_without_secrets(home: Path) -> None:
    with pytest.raises(ValueError, match=CANARY) as caught:
        int(f"refresh_token={CANARY}")
    logs.failure(caught.value)
    text = (home / "logs/corpsync.log").read_text()

    assert "Traceback" in text
    assert "ValueError" in text
    assert CANARY not in text


def test_a_line_is_one_line_whatever_it_holds(home: Path) -> None:
    logging.getLogger("corpsync_tui.x").info("name %s", "a\x1b[31m\rb")

    (line,) = (home / "logs/corpsync.log").read_text().splitlines()
    assert line.isprintable()
    assert line.endswith("INFO    corpsync_tui.x: name a␛[31m b")


def test_modes(home: Path) -> None:
    logging.getLogger("corpsync_tui").info("x")

    assert (home / "logs").stat().st_mode & 0o777 == 0o700
    assert (home / "logs/corpsync.log").stat().st_mode & 0o777 == 0o600


def test_the_file_rotates(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (handler,) = (h for h in logging.getLogger().handlers if isinstance(h, logs.LogFile))
    handler.maxBytes = 200
    for _ in range(20):
        logging.getLogger("corpsync_tui").info("x" * 50)

    assert len(list((home / "logs").iterdir())) == 1 + logs.KEPT_FILES


def test_a_log_that_cannot_be_written_stops_nothing(home: Path) -> None:
    (home / "logs").write_text("in the way")
    logging.getLogger("corpsync_tui").info("x")

    assert (home / "logs").read_text() == "in the way"
