"""The settings that talking to CCP needs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol


class EsiSettings(Protocol):
    """The part of the settings this package reads; `corpsync_tui.settings.Settings` has it."""

    @property
    def esi_url(self) -> str:
        """Where ESI answers, without a trailing slash; a path prefix is kept."""

    @property
    def sso_url(self) -> str:
        """Where the single sign-on answers, without a trailing slash."""

    @property
    def client_id(self) -> str:
        """The application registered at CCP; empty where a packager's id is to be used."""

    @property
    def callback_url(self) -> str:
        """The registered loopback address that the browser comes back to."""

    @property
    def contact(self) -> str:
        """How CCP reaches the user, for the User-Agent; may be empty."""

    @property
    def keyring(self) -> Literal["system", "file"]:
        """Where refresh tokens are kept."""

    @property
    def data_dir(self) -> Path:
        """The data folder."""
