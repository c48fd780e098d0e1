"""Which addresses are asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpsync_tui.errors import SettingsError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.urls import parse, resource
from tests.support.esi import LeapingClock, Options
from tests.support.simulator import Simulator


@pytest.mark.parametrize(
    "url",
    [
        "https://esi.evetech.net",
        "https://esi.example/prefix",
        "http://127.0.0.1:8080",
        "http://localhost/x",
        "http://[::1]:80",
    ],
)
def test_safe(url: str) -> None:
    address = parse(url)
    assert address is not None
    assert address.safe


@pytest.mark.parametrize(
    "url",
    [
        "http://esi.evetech.net",
        "http://127.0.0.1.x.example",
        "http://localhost@x.example",
        "https://localhost:pass@x.example",
        "http://localhost.x.example",
        "http://127.0.0.1\\@x.example",
        "http://127.0.0.1 .x.example",
        "http://l\u043ecalhost",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "127.0.0.1",
        "http://127.0.0.1:99999",
        "",
    ],
)
def test_unsafe(url: str) -> None:
    address = parse(url)
    assert address is None or not address.safe


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["esi_url", "sso_url"])
async def test_an_unsafe_setting_opens_nothing(
    simulator: Simulator, tmp_path: Path, name: str
) -> None:
    options = Options(simulator.url, simulator.url, tmp_path)
    setattr(options, name, "http://localhost@x.example")
    with pytest.raises(SettingsError, match="must be https"):
        await Connection.open(options, LeapingClock())


def test_the_key_of_a_url_has_one_order() -> None:
    path = {"corporation_id": 7}
    query: dict[str, int | str] = {"page": 2, "include_completed": "true"}
    expected = "/corporations/7/jobs?include_completed=true&page=2"
    assert resource("/corporations/{corporation_id}/jobs", path, query) == expected
    assert resource("/x/{hash}", {"hash": "a/b?c"}, {}) == "/x/a%2Fb%3Fc"
