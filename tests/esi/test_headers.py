"""Headers that are missing, wrong or absurd."""

from __future__ import annotations

import pytest

from corpsync_tui.esi import headers as read

NOW = 1_790_000_000.0
LATER = "Mon, 21 Sep 2026 15:13:20 GMT"
"""An hour after NOW."""


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"expires": LATER}, 3600),
        ({"expires": LATER, "cache-control": "max-age=60"}, 3600),
        ({"expires": "0", "cache-control": "public, max-age=60"}, 60),
        ({"cache-control": "max-age=99999999"}, 86_400),
        ({"cache-control": "no-store"}, 300),
        ({"expires": "Mon, 21 Sep 2037 15:13:20 GMT"}, 86_400),
        ({"expires": LATER, "date": "Mon, 21 Sep 2026 14:43:20 GMT"}, 1800),
        ({}, 300),
    ],
)
def test_until_when_a_copy_is_current(headers: dict[str, str], expected: float) -> None:
    assert read.expiry(headers, NOW, 300) - NOW == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", 3), ("0", None), ("-1", None), ("x", None), ("1000000000", None), ("", None)],
)
def test_pages(text: str, expected: int | None) -> None:
    assert read.pages({"x-pages": text}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("42", 42),
        ("0", 0),
        ("1.5", 1.5),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        (LATER, 3600),
    ],
)
def test_what_the_server_asks_to_wait(text: str, expected: float | None) -> None:
    assert read.retry_after({"retry-after": text}, NOW) == expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("150/15m", (150, 900)),
        ("30/10s", (30, 10)),
        ("9/1h", (9, 3600)),
        ("0/15m", (None, 900)),
        ("many", (None, None)),
    ],
)
def test_the_size_of_a_bucket(limit: str, expected: tuple[int | None, int | None]) -> None:
    told = read.RateLimit.of({"x-ratelimit-limit": limit})
    assert (told.limit, told.window) == expected


def test_what_remains_follows_from_what_is_used() -> None:
    headers = {"x-ratelimit-limit": "30/15m", "x-ratelimit-used": "12"}
    assert read.RateLimit.of(headers).remaining == 18
