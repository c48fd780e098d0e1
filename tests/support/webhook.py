"""A webhook on this computer: it keeps what is posted, and answers as a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/api/webhooks/1234/kept-from-everybody-7f3a"


@dataclass
class Webhook:
    """What it was sent, and the answers it gives first; then 204.

    An answer is a status and a JSON body, whose `headers` are sent as headers.
    """

    url: str = ""
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    dislikes: str = ""
    """A word in a body for which all of it is refused, with 400."""

    answering: threading.Event = field(default_factory=threading.Event)
    """Cleared, it hears but does not answer."""

    @property
    def titles(self) -> list[str]:
        """The titles of all embeds that were accepted."""
        return [embed["title"] for body in self.accepted for embed in body["embeds"]]

    def take(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Keep a body; the answer, of status 0 where the connection is to break."""
        self.bodies.append(body)
        status, answer = self.answers.pop(0) if self.answers else (204, {})
        if self.dislikes and self.dislikes in json.dumps(body):
            status, answer = 400, {"embeds": ["0"], "code": 50_035}
        if 200 <= status < 300:
            self.accepted.append(body)
        return status, answer


@contextmanager
def serving() -> Iterator[Webhook]:
    """A webhook that answers as long as the block lasts."""
    webhook = Webhook()
    webhook.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            posted = self.rfile.read(length)
            if len(posted) < length:  # the sender was killed
                return
            status, answer = webhook.take(json.loads(posted))
            webhook.answering.wait()
            if status == 0:
                self.connection.close()
                return
            headers = answer.pop("headers", {})
            body = b"" if status == 204 else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    webhook.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    try:
        yield webhook
    finally:
        webhook.answering.set()
        server.shutdown()
        server.server_close()
        thread.join()
