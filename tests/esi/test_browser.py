"""Opening a browser, but never one that takes over the terminal."""

from __future__ import annotations

import threading
import webbrowser
from pathlib import Path

import pytest

from corpsync_tui.esi.browser import open_browser

URL = "https://login.example/authorize"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it, and no desktop."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})
    return tmp_path


def stub(folder: Path, name: str) -> Path:
    opened = folder / "opened"
    script = folder / name
    script.write_text(f"#!/bin/sh\necho $1 > {opened}\n")
    script.chmod(0o755)
    return opened


@pytest.mark.parametrize("name", ["w3m", "lynx", "links", "www-browser"])
@pytest.mark.parametrize("display", ["", ":0"])
def test_a_console_browser_is_never_started(
    desk: Path, monkeypatch: pytest.MonkeyPatch, name: str, display: str
) -> None:
    opened = stub(desk, name)
    monkeypatch.setenv("DISPLAY", display)
    assert not open_browser(URL)
    assert not opened.exists()


def test_without_a_desktop_the_address_must_be_copied(desk: Path) -> None:
    stub(desk, "firefox")
    assert not open_browser(URL)


def test_a_browser_with_a_window_is_opened(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk / "sh").symlink_to("/bin/sh")
    opened = stub(desk, "opener")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("BROWSER", f"{desk}/opener")
    assert open_browser(URL)
    for thread in threading.enumerate():
        if thread.name == "browser":
            thread.join(10)
    assert opened.read_text().strip() == URL
