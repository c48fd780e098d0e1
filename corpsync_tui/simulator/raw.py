"""Answers that no HTTP server would give: cut, reset, dripping, half packed.

They are written to the connection itself, past the server.
"""

import asyncio
import socket
import struct
import zlib
from functools import cache

from corpsync_tui.simulator.answers import Answer
from corpsync_tui.simulator.faults import Rule

_CHUNK = 1 << 20


async def send_raw(transport: asyncio.Transport, answer: Answer, rule: Rule) -> int:
    """Write the answer as the rule spoils it, then end the connection; returns the bytes sent."""
    sent = 0
    if not rule.close and not (rule.reset and rule.cut is None):
        head, body = _message(answer, rule)
        transport.write(head)
        sent = await _write_body(transport, body if rule.cut is None else body[: rule.cut], rule)
    if rule.reset:
        _reset(transport)
    else:
        transport.close()
    return sent


def _message(answer: Answer, rule: Rule) -> tuple[bytes, bytes]:
    body = answer.body.raw
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Encoding"}
    if rule.gzip_half:
        packed = answer.body.packed
        body = packed[: len(packed) // 2]
    if rule.bomb:
        body = _bomb(rule.bomb)
    if rule.gzip_half or rule.bomb:
        headers["Content-Encoding"] = "gzip"
    if rule.chunked:
        headers["Transfer-Encoding"] = "chunked"
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        headers.setdefault("Content-Length", str(len(body)))
    lines = [f"HTTP/1.1 {answer.status} Spoiled", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode("latin-1"), body


async def _write_body(transport: asyncio.Transport, body: bytes, rule: Rule) -> int:
    if not rule.drip:
        transport.write(body)
        return len(body)
    for sent in range(len(body)):
        if transport.is_closing():
            return sent
        transport.write(body[sent : sent + 1])
        await asyncio.sleep(rule.drip)
    return len(body)


def _reset(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    linger_not = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
    transport.abort()


@cache
def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b"[")]
    parts += [packer.compress(b" " * _CHUNK) for _ in range(size // _CHUNK)]
    return b"".join([*parts, packer.compress(b"]"), packer.flush()])
