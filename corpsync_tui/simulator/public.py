"""The front: logs each request, spoils what the fault script says, and lets a service answer."""

import asyncio
import json
import time
from contextlib import suppress

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from corpsync_tui.simulator.answers import Answer
from corpsync_tui.simulator.call import Call
from corpsync_tui.simulator.clock import http_date
from corpsync_tui.simulator.control import Control
from corpsync_tui.simulator.esi import Esi
from corpsync_tui.simulator.faults import Rule
from corpsync_tui.simulator.protocol import transport_of
from corpsync_tui.simulator.raw import send_raw
from corpsync_tui.simulator.requestlog import Entry
from corpsync_tui.simulator.sso import PATHS
from corpsync_tui.simulator.state import State
from corpsync_tui.simulator.static import PREFIX


class Public:
    """The ASGI application of everything that a client of ESI, SSO and the static data sees."""

    def __init__(self, state: State, control: Control) -> None:
        self._state = state
        self._control = control
        self._esi = Esi(state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        call = await _call(request)
        state = self._state
        state.log.open += 1
        entry = _entry(call, state.clock.now(), state.log.open)
        state.log.entries.append(entry)
        began = time.monotonic()
        try:
            # Cancelled only when the server ends; uvicorn would print that as a fault.
            with suppress(asyncio.CancelledError):
                await self._serve(call, entry, request, send)
        finally:
            state.log.open -= 1
            entry.duration = round(time.monotonic() - began, 4)

    async def _serve(self, call: Call, entry: Entry, request: Request, send: Send) -> None:
        rule = self._state.faults.match(call.method, call.path, call.query)
        if rule is not None:
            entry.fault = rule.describe()
            for step in rule.do:
                self._control.call("POST", **step)
        answer = self._answer(call, entry, rule)
        answer.headers.setdefault("Date", http_date(self._state.clock.now()))
        if await self._pause(call, rule) and await request.is_disconnected():
            return
        entry.status = answer.status
        if rule is not None and rule.raw:
            entry.bytes = await send_raw(transport_of(request.scope), answer, rule)
            while (await request.receive())["type"] != "http.disconnect":
                pass
        else:
            entry.bytes = await _send(answer, call, send)
            if answer.arrived is not None:
                answer.arrived()

    def _answer(self, call: Call, entry: Entry, rule: Rule | None) -> Answer:
        spoiled = rule.answer() if rule is not None else None
        if call.path in PATHS:
            entry.route = call.path
            answer = spoiled or self._state.sso.answer(
                call.method, call.path, call.query, call.body
            )
        elif call.path.startswith(PREFIX):
            entry.route = call.path
            answer = spoiled or self._state.static.answer(call)
        else:
            answer = self._esi.answer(call, entry, spoiled)
        if rule is not None:
            rule.spoil(answer.headers)
        return answer

    async def _pause(self, call: Call, rule: Rule | None) -> bool:
        """Take the time that the answer takes; whether there was any."""
        pause = rule.delay if rule is not None else 0.0
        if not pause and self._state.demo is not None and not _is_swift(call.path):
            pause = self._state.demo.delay()
        if pause:
            await asyncio.sleep(pause)
        return bool(pause)


def _is_swift(path: str) -> bool:
    """Whether the answer is no work for the servers of the game."""
    return path in PATHS or path.startswith(PREFIX)


async def _send(answer: Answer, call: Call, send: Send) -> int:
    body = answer.pack(call.headers.get("accept-encoding", ""))
    if answer.status != 304:
        answer.headers.setdefault("Content-Length", str(len(body)))
    wire = [
        (name.lower().encode(), text.encode("latin-1")) for name, text in answer.headers.items()
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": wire})
    await send({"type": "http.response.body", "body": body})
    return len(body)


async def _call(request: Request) -> Call:
    return Call(
        method=request.method,
        path=request.url.path,
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=await request.body(),
        address=request.client.host if request.client else "",
    )


def _entry(call: Call, now: float, open_now: int) -> Entry:
    return Entry(
        time=now,
        method=call.method,
        path=call.path,
        query=call.query,
        user_agent=call.headers.get("user-agent"),
        compatibility_date=call.headers.get("x-compatibility-date"),
        if_none_match=call.headers.get("if-none-match"),
        accept_encoding=call.headers.get("accept-encoding"),
        authorization="authorization" in call.headers,
        range=call.headers.get("range"),
        open=open_now,
    )


class ControlDesk:
    """The ASGI application of `/_sim/…`: JSON in, JSON out."""

    def __init__(self, control: Control) -> None:
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry out one verb."""
        request = Request(scope, receive)
        verb, _, argument = request.url.path.removeprefix("/_sim/").partition("/")
        body = await request.body()
        try:
            fields = {**request.query_params, **(json.loads(body) if body else {})}
            if argument:
                fields["name"] = argument
            status, document = 200, self._control.call(request.method, verb=verb, **fields)
        except (ValueError, TypeError, LookupError) as error:
            status, document = 400, {"error": f"{type(error).__name__}: {error}"}
        wire = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": wire})
        await send({"type": "http.response.body", "body": json.dumps(document).encode()})
