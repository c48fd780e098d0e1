"""From an answer to the error it means (developers.eveonline.com/docs, *ESI*)."""

from __future__ import annotations

import json
from dataclasses import dataclass

import msgspec

from corpsync_tui.decoding import UNREADABLE
from corpsync_tui.errors import AuthError, CorpsyncError, EsiError, GoneError
from corpsync_tui.esi.http import Reply
from corpsync_tui.esi.routes import Route

_SYNTAX = msgspec.json.Decoder(msgspec.Raw)
_LONGEST_REASON = 120
"""Characters of ESI's own words that a message repeats."""


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An answer that is not the one asked for."""

    error: CorpsyncError
    retryable: bool = False
    """Whether the same request may succeed in a moment."""


def classify(route: Route, url: str, reply: Reply, *, conditional: bool) -> ErrorAnswer | None:
    """What is wrong with an answer; None where it is usable.

    `conditional`: the request bore If-None-Match, so that a 304 is an answer.
    """
    status = reply.status
    if status == 304 and conditional:
        return None
    if 200 <= status < 300:
        if is_json(reply.body):
            return None
        return ErrorAnswer(EsiError(_not_json(reply, url)), retryable=True)
    if status < 400:
        return ErrorAnswer(EsiError(f"unexpected redirect ({status}){_at(url)}", status=status))
    if status >= 500:
        failure = EsiError(f"ESI fails{_at(url)}: {_said(reply)}", status=status)
        return ErrorAnswer(failure, retryable=True)
    return ErrorAnswer(_refusal(route, url, reply))


def _refusal(route: Route, url: str, reply: Reply) -> CorpsyncError:
    status = reply.status
    if status in (400, 404, 422):
        return GoneError(f"ESI does not know {_asked(url)}: {_said(reply)}", status=status)
    if status == 401 and route.scope:
        return AuthError(f"ESI does not accept the login just now: {_said(reply)}")
    if status == 403 and "sso_status" in _document(reply):
        return EsiError("CCP's login service reports an error")
    if status == 403 and route.roles:
        roles = " or ".join(role.replace("_", " ") for role in route.roles)
        role = route.roles[0]
        return AuthError(
            f"ESI asks for the in-game role {roles} (role:{role}): {_said(reply)}",
            needs=f"role:{role}",
            status=status,
        )
    if status == 403 and route.scope:
        return AuthError(f"ESI refuses {_asked(url)}: {_said(reply)}", status=status)
    return EsiError(f"ESI refuses {_asked(url)}: {_said(reply)}", status=status)


def is_json(body: bytes) -> bool:
    """Whether the body is JSON by its grammar; its values are checked where it is decoded."""
    try:
        _SYNTAX.decode(body)
    except RecursionError:
        return True
    except msgspec.DecodeError:
        return _is_odd_json(body)
    return True


def _is_odd_json(body: bytes) -> bool:
    """JSON by its grammar that msgspec will not take at all, as half a surrogate pair."""
    try:
        json.loads(body)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _not_json(reply: Reply, url: str) -> str:
    if b"<" in reply.body[:64]:
        return f"a web page came in place of data{_at(url)}: is a login to the network needed?"
    return f"the answer{_at(url)} is not valid JSON"


def _asked(url: str) -> str:
    """What was asked for, without its query."""
    return f"{url.partition('?')[0]}{_at(url)}"


def _at(url: str) -> str:
    """Which page, where it is a page."""
    _, found, page = url.partition("page=")
    return f" at page {page.partition('&')[0]}" if found else ""


def _said(reply: Reply) -> str:
    """The status, ESI's own words and the request's id, as far as there are any."""
    words = _document(reply).get("error")
    said = str(reply.status)
    if isinstance(words, str) and words:
        said += f", {words[:_LONGEST_REASON]}"
    request_id = reply.headers.get("x-esi-request-id")
    return f"{said} (request {request_id[:64]})" if request_id else said


def _document(reply: Reply) -> dict[str, object]:
    try:
        document = msgspec.json.decode(reply.body)
    except UNREADABLE:
        return {}
    return document if isinstance(document, dict) else {}
