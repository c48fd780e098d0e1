"""Every key of settings.toml: its default, what it may hold, and the comment in the file.

The environment variable of a key is `CORPSYNC_` and its name in capitals. A check returns the
value to use, or raises `ValueError` with the words that say what would be right.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DEFAULT_CALLBACK = "http://127.0.0.1:8765/callback"
"""To be registered with the application at CCP, port included."""
DEFAULT_ESI = "https://esi.evetech.net"
DEFAULT_SSO = "https://login.eveonline.com"
DEFAULT_STATIC = "https://developers.eveonline.com/static-data"

MAX_INTERVAL = 525_600
"""Minutes: a year."""

Check = Callable[[object], object]


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `number` says that text from the environment is read as a whole number."""

    name: str
    default: str | int
    check: Check
    comment: str
    number: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that overrules the file."""
        return f"CORPSYNC_{self.name.upper()}"


def _text(value: object, right: str) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(right)
    return value.strip()


def expanded(path: str) -> str:
    """A path whose `~` is a user's home; as it is where no such home is known."""
    return os.path.expanduser(path)  # noqa: PTH111 - Path.expanduser raises there


def folder(value: object) -> str:
    """An absolute folder, or one below the user's home (`~/…`); empty for the usual ones."""
    right = 'it must be an absolute folder such as "~/corpsync"'
    text = _text(value, right)
    path = expanded(text)
    if text and not Path(path).is_absolute():
        raise ValueError(right)
    return path


def client_id(value: object) -> str:
    """The id of the application registered at CCP, or empty."""
    right = "it must be the Client ID of your application at developers.eveonline.com"
    text = _text(value, right)
    if not text.isascii() or " " in text:
        raise ValueError(right)
    return text


def contact(value: object) -> str:
    """A line for the User-Agent header, so that CCP can reach whoever runs this."""
    right = "it must be a mail address or the like, at most 200 plain ASCII characters"
    text = _text(value, right)
    if not text.isascii() or len(text) > 200:
        raise ValueError(right)
    return text


def service_url(value: object) -> str:
    """The address of ESI or SSO: https, or http on this computer only. No slash at its end."""
    right = "it must be an https address (http only for 127.0.0.1, ::1 or localhost)"
    text = _text(value, right)
    parts = _address(text, right)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.loopback):
        raise ValueError(right)
    return text.rstrip("/")


def callback_url(value: object) -> str:
    """The address SSO sends the browser back to: http on this computer, with a port."""
    right = f'it must be like "{DEFAULT_CALLBACK}": http, this computer, a port and a path'
    text = _text(value, right)
    parts = _address(text, right)
    if parts.scheme != "http" or not parts.loopback or parts.port is None or not parts.path:
        raise ValueError(right)
    return text


@dataclass(frozen=True, slots=True)
class _Address:
    scheme: str
    loopback: bool
    port: int | None
    path: str


def _address(text: str, right: str) -> _Address:
    """Take an address apart, strictly: user names, queries and odd characters are refused."""
    from urllib.parse import urlsplit  # late: the defaults need no parsing

    if not text.isascii() or any(c in text for c in " \\@?#"):
        raise ValueError(right)
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError(right) from None
    if not host or port == 0:
        raise ValueError(right)
    return _Address(parts.scheme, _is_loopback(host), port, parts.path)


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def one_of(*words: str) -> Check:
    """A check for one of a few words."""
    right = "it must be " + " or ".join(f'"{word}"' for word in words)

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(right)
        return value

    return check


def whole(low: int, high: int) -> Check:
    """A check for a whole number from `low` to `high`."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"it must be a whole number from {low} to {high:,}")
        return value

    return check


interval = whole(1, MAX_INTERVAL)

KEYS = (
    Key("home", "", folder, "One folder for data, logs and cache, instead of the system's own."),
    Key(
        "client_id",
        "",
        client_id,
        "Client ID of your application: register one at https://developers.eveonline.com/\n"
        "with the callback address below and the scopes that the Login screen lists.",
    ),
    Key(
        "callback_url",
        DEFAULT_CALLBACK,
        callback_url,
        "Where the browser comes back to after the login; exactly as registered, port included.",
    ),
    Key("esi_url", DEFAULT_ESI, service_url, "Address of ESI; https, or http on this computer."),
    Key("sso_url", DEFAULT_SSO, service_url, "Address of EVE's login; same rule."),
    Key(
        "static_url",
        DEFAULT_STATIC,
        service_url,
        "Address of CCP's static data, up to /tranquility; same rule.",
    ),
    Key("contact", "", contact, "Sent to CCP with each request: your mail address or character."),
    Key(
        "keyring",
        "system",
        one_of("system", "file"),
        'Where refresh tokens are kept: "system" is the keyring of the operating system,\n'
        '"file" an unencrypted file that only your user can read.',
    ),
    Key("max_running", 3, whole(1, 8), "Processes that may run side by side.", number=True),
    Key("concurrency", 4, whole(1, 8), "Requests that one run keeps open.", number=True),
    Key(
        "log_level",
        "info",
        one_of("debug", "info", "warning", "error"),
        'How much the log tells; "debug" writes a line for every request.',
    ),
)

INTERVALS_COMMENT = """Minutes between two runs, for corporations that log in from now on.
Those already scheduled are changed in the app (key `i`)."""
