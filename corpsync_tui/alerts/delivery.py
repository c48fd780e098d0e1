"""The sinks that are set up, and how a message is brought to each."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import partial

from corpsync_tui.alerts.addresses import check_address, entry_of
from corpsync_tui.alerts.sinks.command import run_command
from corpsync_tui.alerts.sinks.discord import body_of
from corpsync_tui.alerts.sinks.message import Answer, Message, sample
from corpsync_tui.alerts.sinks.post import open_http, post_json
from corpsync_tui.alerts.sinks.terminal import sequence_of
from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError, KeyringError
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.urls import parse
from corpsync_tui.esi.vault import AsyncVault, open_vault
from corpsync_tui.settings import Settings
from corpsync_tui.settings.alerts import ADDRESSES, SINKS

log = logging.getLogger(__name__)


class Delivery:
    """Knows the secret addresses, and brings messages.

    `terminal` writes to the terminal; None where there is none.
    """

    def __init__(
        self, settings: Settings, clock: Clock, *, environ: Mapping[str, str] = os.environ
    ) -> None:
        self.terminal: Callable[[str], None] | None = None
        self.settings = settings.alerts
        self._clock = clock
        self._environ = environ
        self._open_vault = partial(open_vault, settings)
        self._vault: AsyncVault | None = None
        self._http = open_http(clock, settings.contact)
        self._urls: dict[str, Secret] = {}
        self._unreadable: set[str] = set()

    async def read_addresses(self) -> None:
        """Learn the addresses of the sinks in use; what cannot be read is logged."""
        for name in ADDRESSES:
            if self.settings.uses(name):
                await self._read_address(name)

    async def place_of(self, sink: str) -> str:
        """Where a sink sends to; of a secret address the host alone."""
        if sink == "terminal":
            return self.settings.terminal_way
        if sink == "command":
            return self.settings.command[0] if self.settings.command else "none"
        url = None if sink in self._unreadable else self._urls.get(sink)
        try:
            url = url or await self._read_vault(sink)
        except KeyringError as error:
            return error.message
        address = None if url is None else parse(url.reveal())
        return "no address" if address is None else address.host

    async def _read_vault(self, name: str) -> Secret | None:
        self._vault = self._vault or AsyncVault(self._open_vault())  # late: keyring is slow
        return await self._vault.read(entry_of(name))

    async def _read_address(self, name: str) -> None:
        try:
            url = await self._read_vault(name)
            self._unreadable.discard(name)
            if url is None:
                self._urls.pop(name, None)
            else:
                check_address(name, url)
                self._urls[name] = url
        except KeyringError as error:
            if name not in self._unreadable:
                log.info("whether %s has an address is not known: %s", name, error.message)
            self._unreadable.add(name)
        except CorpsyncError as error:
            self._urls.pop(name, None)
            log.warning("%s", error.message)

    def is_set_up(self, sink: str) -> bool:
        """Whether messages can be brought there."""
        if not self.settings.uses(sink):
            return False
        if sink == "terminal":
            return self.terminal is not None
        return sink == "command" or sink in self._urls

    def may_be_set_up(self, sink: str) -> bool:
        """Whether it is, or its address only cannot be read now."""
        return self.is_set_up(sink) or sink in self._unreadable

    async def send(self, sink: str, message: Message) -> Answer:
        """Bring a message to a sink that is set up; nothing is raised for what goes wrong."""
        if sink == "command":
            return await run_command(self.settings.command, message)
        if sink == "terminal":
            return self._write(message)
        role = self.settings.discord_mention
        body = body_of(message, role) if sink == "discord" else message.as_json()
        return await post_json(self._http, self._clock, self._urls[sink], body)

    def _write(self, message: Message) -> Answer:
        if self.terminal is None:
            return Answer("no terminal")
        self.terminal(sequence_of(message, self.settings.terminal_way, self._environ))
        return Answer("written to the terminal", accepted=True)

    async def test(self, sink: str) -> Answer:
        """Send a test."""
        return await self.send(sink, sample())

    def sinks(self) -> list[str]:
        """Those that are set up."""
        return [sink for sink in SINKS if self.is_set_up(sink)]

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()
