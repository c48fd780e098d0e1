"""The server of static data: which build is the newest, and its archive, whole or in ranges."""

import json
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b

from corpsync_tui.simulator.answers import ZIP, Answer, Body, html_answer
from corpsync_tui.simulator.archive import FLAWS, RELEASED, archive
from corpsync_tui.simulator.call import Call

PREFIX = "/static-data"
"""Before `/tranquility/…`."""
_LATEST = f"{PREFIX}/tranquility/latest.jsonl"
_ARCHIVE = f"{PREFIX}/tranquility/eve-online-static-data-{{build}}-jsonl.zip"

_archive = cache(archive)


@dataclass
class StaticData:
    """What the server of static data gives at this moment."""

    build: int = 3_142_455
    ranges: bool = True
    """Whether a part of the archive can be asked for; else the whole comes."""
    flaw: str | None = None
    """One of `archive.FLAWS`."""
    released: str = field(default=RELEASED)

    def turn(
        self, *, build: int | None = None, ranges: bool | None = None, flaw: str | None = None
    ) -> None:
        """Put out another build, refuse ranges, or spoil the archive (no flaw: as it should be).

        Raises:
            ValueError: There is no such flaw.
        """
        if flaw is not None and flaw not in FLAWS:
            raise ValueError(f"no flaw {flaw}: there are {', '.join(FLAWS)}")
        self.build = self.build if build is None else build
        self.ranges = self.ranges if ranges is None else ranges
        self.flaw = flaw

    def answer(self, call: Call) -> Answer:
        """The answer to a GET or HEAD below `PREFIX`."""
        if call.method not in ("GET", "HEAD"):
            return html_answer(405, "Method Not Allowed")
        if call.path == _LATEST:
            record = {"_key": "sde", "buildNumber": self.build, "releaseDate": self.released}
            answer = _whole(json.dumps(record).encode() + b"\n", "application/x-ndjson", call)
        elif call.path == _ARCHIVE.format(build=self.build):
            answer = self._part(_whole(_archive(self.build, self.flaw), ZIP, call), call)
        else:
            return html_answer(404, "Not Found")
        if call.method == "HEAD":
            answer.headers["Content-Length"] = str(len(answer.body.raw))
            answer.body = Body(b"")
        return answer

    def _part(self, whole: Answer, call: Call) -> Answer:
        wanted = call.headers.get("range")
        if whole.status != 200 or not self.ranges:
            return whole
        whole.headers["Accept-Ranges"] = "bytes"
        if (
            wanted is None
            or call.headers.get("if-range", whole.headers["ETag"]) != whole.headers["ETag"]
        ):
            return whole
        size = len(whole.body.raw)
        start, stop = _range(wanted, size)
        if not 0 <= start < stop <= size:
            return Answer(416, headers={"Content-Range": f"bytes */{size}"})
        headers = whole.headers | {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
        return Answer(206, Body(whole.body.raw[start:stop]), headers)


def _whole(body: bytes, kind: str, call: Call) -> Answer:
    headers = {"ETag": f'"{blake2b(body, digest_size=16).hexdigest()}"', "Content-Type": kind}
    if call.headers.get("if-none-match") == headers["ETag"]:
        return Answer(304, headers=headers)
    return Answer(200, Body(body), headers)


def _range(wanted: str, size: int) -> tuple[int, int]:
    """The first byte and the one after the last; an impossible pair where it makes no sense."""
    unit, _, span = wanted.partition("=")
    first, _, last = span.partition("-")
    try:
        if unit != "bytes":
            return 0, size
        if not first:
            return max(0, size - int(last)), size
        return int(first), min(int(last) + 1, size) if last else size
    except ValueError:
        return 0, 0
