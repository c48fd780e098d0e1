"""Which addresses corpsync talks to: https, or plain http to this computer itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlencode, urlsplit

URLS_HELD = 2_048
"""Addresses that are kept made: the pages of a large corporation are asked for all day."""

_Values = tuple[tuple[str, int | str], ...]

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address that decide whether it may be asked."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def loopback(self) -> bool:
        """Whether this is the computer itself."""
        return is_loopback(self.host)

    @property
    def safe(self) -> bool:
        """Whether nobody on the road can read what is sent there."""
        return self.scheme == "https" or (self.scheme == "http" and self.loopback)

    def same_service(self, other: Address) -> bool:
        """Whether both are the same host, or both this computer."""
        return self.host == other.host or (self.loopback and other.loopback)


def parse(url: str) -> Address | None:
    """The address read strictly; None where it is no plain http or https address.

    A user name before the host, a missing host and odd characters are refused: they are how
    an address that looks like this computer leads elsewhere.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        return _address(parts)
    except ValueError:
        return None


def _address(parts: SplitResult) -> Address | None:
    host = parts.hostname
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or parts.fragment:
        return None
    return Address(parts.scheme, host, parts.port or _PORTS[parts.scheme], parts.path)


def is_loopback(host: str) -> bool:
    """Whether a host name or number is this computer."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def resource(path: str, values: Mapping[str, int | str], query: Mapping[str, int | str]) -> str:
    """Path and query of a route, filled in, the query in the order of its names."""
    return _filled(path, tuple(values.items()), tuple(query.items()))


@lru_cache(maxsize=URLS_HELD)
def _filled(path: str, values: _Values, query: _Values) -> str:
    filled = path.format_map({name: quote(str(value), safe="") for name, value in values})
    return f"{filled}?{urlencode(sorted(query))}" if query else filled
