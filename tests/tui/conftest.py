"""What every test of the screens stands on."""

from collections.abc import Iterator

import pytest

from tests.support.quiet import quiet_pilot


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colour switch or theme of the developer's shell reaches a screen under test."""
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keys and pauses take as long as the app needs for them."""
    with quiet_pilot():
        yield
