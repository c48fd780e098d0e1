"""The secret addresses of sinks: where they are kept, and which are accepted."""

from __future__ import annotations

from corpsync_tui.alerts.sinks.discord import HOSTS
from corpsync_tui.errors import NetworkError, SettingsError
from corpsync_tui.esi.http import address_of
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.urls import Address, parse


def entry_of(name: str) -> str:
    """What the address of a sink is known by in the keyring."""
    return f"webhook/{name}"


def check_address(name: str, url: Secret) -> Address:
    """The address's parts.

    Raises:
        SettingsError: It must not be sent to. The sentence does not repeat it.
    """
    address = parse(url.reveal())
    if address is None or not address.safe:
        raise SettingsError(f"the address of {name} must be https, or http on this computer")
    if name == "discord" and address.host not in HOSTS and not address.loopback:
        raise SettingsError("the address of discord must be of discord.com")
    try:
        address_of(url)
    except NetworkError as error:
        raise SettingsError(f"the address of {name} cannot be used") from error
    return address
