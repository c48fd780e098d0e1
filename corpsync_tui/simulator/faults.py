"""Fault scripts: rules that say which requests go wrong, and how."""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from corpsync_tui.simulator.answers import HTML, JSON, Answer, Body


@dataclass
class Rule:
    """One rule. The first group of fields chooses requests, the second says what happens.

    A rule that gives neither `status` nor a body lets the true answer through and spoils only
    the rest: headers, delay, cut and so on.
    """

    route: str = "^.*$"
    """A path template as in the OpenAPI document, a plain path, or a regex beginning with ^."""
    method: str | None = None
    page: int | None = None
    query: dict[str, str] = field(default_factory=dict)
    first: int = 1
    """The first matching request that is spoiled, from 1."""
    last: int | None = None
    """The last one; None: all from `first` on."""

    status: int | None = None
    headers: dict[str, str | None] = field(default_factory=dict)
    """Headers to put in the true ones' place; None takes one away."""
    json: Any = None
    body: str | None = None
    body_base64: str | None = None
    delay: float = 0.0
    """Seconds before the answer begins."""
    redirect: str | None = None
    """Answer 302 to this address."""
    drip: float = 0.0
    """Seconds between two bytes of the body."""
    cut: int | None = None
    """Close the connection after so many bytes of the body."""
    chunked: bool = False
    """Send the body in chunks, so that a cut falls into one."""
    reset: bool = False
    """End with a TCP reset in place of an orderly close; alone: before any byte."""
    close: bool = False
    """Close the connection without an answer."""
    gzip_half: bool = False
    """Send half of the compressed body, with a Content-Length that fits the half."""
    bomb: int | None = None
    """Send a small compressed body that unpacks to so many bytes."""
    do: list[dict[str, Any]] = field(default_factory=list)
    """Control verbs to carry out first: {"verb": "clock", "advance": 3600}."""

    hits: int = 0

    @cached_property
    def _path(self) -> re.Pattern[str]:
        if self.route.startswith("^"):
            return re.compile(self.route)
        return re.compile(re.sub(r"\{\w+\}", "[^/]+", self.route))

    def meets(self, method: str, path: str, query: dict[str, str]) -> bool:
        """Whether the request is one of this rule's; counts it if so."""
        if self.method not in (None, method) or not self._path.fullmatch(path):
            return False
        if self.page is not None and int(query.get("page", "1")) != self.page:
            return False
        if any(query.get(name) != value for name, value in self.query.items()):
            return False
        self.hits += 1
        return self.hits >= self.first and (self.last is None or self.hits <= self.last)

    @property
    def raw(self) -> bool:
        """Whether the answer breaks what an HTTP server would keep to."""
        return bool(
            self.drip
            or self.cut is not None
            or self.chunked
            or self.reset
            or self.close
            or self.gzip_half
            or self.bomb
        )

    def answer(self) -> Answer | None:
        """The answer that the rule puts in place of the true one."""
        if self.redirect is not None:
            return Answer(self.status or 302, headers={"Location": self.redirect})
        if self.body_base64 is not None:
            return self._made(b64decode(self.body_base64), JSON)
        if self.body is not None:
            kind = HTML if self.body.lstrip().startswith("<") else JSON
            return self._made(self.body.encode("utf-8", "surrogatepass"), kind)
        if self.json is not None:
            return self._made(msgspec.json.encode(self.json), JSON)
        if self.status in (204, 304):
            return Answer(self.status)
        if self.status is not None:
            error = {"error": f"Fault script: {self.status}"}
            return self._made(msgspec.json.encode(error), JSON)
        return None

    def spoil(self, headers: dict[str, str]) -> None:
        """Put the rule's headers into an answer's."""
        for name, value in self.headers.items():
            for present in [key for key in headers if key.lower() == name.lower()]:
                del headers[present]
            if value is not None:
                headers[name] = value

    def _made(self, body: bytes, kind: str) -> Answer:
        return Answer(self.status or 200, Body(body), {"Content-Type": kind})

    def describe(self) -> str:
        """A few words for the log."""
        set_fields = {
            name: value
            for name, value in vars(self).items()
            if value and name not in ("hits", "route", "first", "body", "json", "_path")
        }
        return ", ".join(f"{name}={value}" for name, value in set_fields.items()) or "spoiled"


@dataclass
class Faults:
    """The rules in force, in order; the first that meets a request decides."""

    rules: list[Rule] = field(default_factory=list)

    def add(self, rules: list[dict[str, Any]]) -> None:
        """Put rules in force, before the older ones.

        `nth` is short for first and last, `count` for last counted from first, `from`/`to` for
        first/last.
        """
        self.rules = [_parse(rule) for rule in rules] + self.rules

    def clear(self) -> None:
        """Let all go well again."""
        self.rules = []

    def match(self, method: str, path: str, query: dict[str, str]) -> Rule | None:
        """The rule that spoils this request, if any."""
        return next((rule for rule in self.rules if rule.meets(method, path, query)), None)


def _parse(fields: dict[str, Any]) -> Rule:
    given = dict(fields)
    given["first"] = given.pop("from", given.get("first", 1))
    if "to" in given:
        given["last"] = given.pop("to")
    if "nth" in given:
        given["first"] = given["last"] = given.pop("nth")
    if "count" in given:
        given["last"] = given["first"] + given.pop("count") - 1
    return Rule(**given)
