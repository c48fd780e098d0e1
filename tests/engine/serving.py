"""What the simulator answers for routes that it does not know."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

from tests.support.house import House

RENEWED = 3_700


def serve(
    house: House, path: str, *pages: Any, etag: str = "", query: dict[str, str] | None = None
) -> None:
    """Answer a route of the corporation with these pages; None is an unchanged one."""
    now = house.simulator.now()
    for number, body in enumerate(pages, start=1):
        house.simulator.fault(
            f"/corporations/{{corporation_id}}/{path}",
            page=number,
            query=query or {},
            **({"status": 304, "body": ""} if body is None else {"json": body}),
            headers={
                "X-Pages": str(len(pages)),
                "ETag": f'"{etag or path}-{number}"',
                "Last-Modified": formatdate(now, usegmt=True),
                "Expires": formatdate(now + 3_600, usegmt=True),
            },
        )


def renew(house: House) -> None:
    """Let every copy expire, and forget what was served and asked."""
    house.advance(RENEWED)
    house.simulator.clear_faults()
    house.simulator.clear_log()


def asked(house: House, path: str) -> list[dict[str, Any]]:
    """The requests for a route of the corporation."""
    return list(house.simulator.requests(path=f"/corporations/{house.corporation_id}/{path}"))
