"""A request as the simulator's services read it."""

from dataclasses import dataclass


@dataclass
class Call:
    """Method, path, query, headers and body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    address: str
