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
        ({"cache-control": "max-age=99999999"}, 300),
        ({"cache-control": "no-store"}, 300),
        ({"expires": "Mon, 21 Sep 2037 15:13:20 GMT"}, 300),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT", "cache-control": "max-age=60"}, 60),
        ({"expires": LATER, "date": "Thu, 01 Jan 1970 00:00:00 GMT"}, 3600),
        ({"expires": LATER, "date": "Fri, 31 Dec 9999 23:59:59 GMT"}, 3600),
        ({"expires": LATER, "date": "Mon, 21 Sep 2026 14:43:20 GMT"}, 1800),
        ({}, 300),
    ],
)
def test_until_when_a_copy_is_current(headers: dict[str, str], expected: float) -> None:
    assert read.expiry(headers, NOW, 300) - NOW == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", 3), ("0", 0), ("-1", 0), ("x", 0), ("1000000000", 0), ("", 0), ("3, 3", 0)],
)
def test_pages(text: str, expected: int) -> None:
    assert read.pages({"x-pages": text}) == expected
    assert read.pages({}) is None


@pytest.mark.parametrize("tag", ['"abc"', 'W/"abc"', '""', "abc"])
def test_a_tag_that_can_be_sent_back(tag: str) -> None:
    assert read.entity_tag(tag) == tag


@pytest.mark.parametrize(
    "tag", [None, "", '"é"', '"a", "b"', '"a\x7f"', '"a b"', '"' + 999 * "a" + '"']
)
def test_a_tag_that_cannot_be_sent_back(tag: str | None) -> None:
    assert read.entity_tag(tag) is None


@pytest.mark.parametrize(
    ("headers", "believed"),
    [
        ({"last-modified": LATER}, False),
        ({"last-modified": LATER, "date": LATER}, True),
        ({"last-modified": "Mon, 21 Sep 2026 14:18:00 GMT"}, True),
        ({"last-modified": "Mon, 21 Sep 2026 14:19:00 GMT"}, False),
        ({"last-modified": "Fri, 31 Dec 9999 23:59:59 GMT"}, False),
        ({"last-modified": "yesterday"}, False),
        ({"last-modified": LATER, "date": "Fri, 31 Dec 9999 23:59:59 GMT"}, False),
        ({}, False),
    ],
)
def test_what_is_modified_ahead_of_its_answer_is_not_believed(
    headers: dict[str, str], believed: bool
) -> None:
    assert (read.last_modified(headers, NOW) is not None) is believed


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
