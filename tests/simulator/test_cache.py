"""The cached snapshot: ETag, 304, expiry, renewal, early requests."""

from email.utils import parsedate_to_datetime

import httpx

from tests.simulator.conftest import ASSETS, Guest


def moment(answer: httpx.Response, header: str) -> float:
    return parsedate_to_datetime(answer.headers[header]).timestamp()


def test_unchanged_page_answers_304_with_all_that_renews_the_copy(director: Guest) -> None:
    whole = director.get(ASSETS, page=2)
    again = director.get(ASSETS, page=2, etag=whole.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    for header in ("ETag", "Last-Modified", "Expires", "X-Pages"):
        assert again.headers[header] == whole.headers[header]


def test_expires_is_the_routes_cache_time_after_date(director: Guest) -> None:
    answer = director.get(ASSETS)
    assert moment(answer, "Expires") - moment(answer, "Last-Modified") in (3600, 3599, 3601)
    assert answer.headers["Cache-Control"].startswith("private, max-age=3")


def test_change_is_seen_only_after_expiry(director: Guest) -> None:
    before = director.get(ASSETS)
    director.simulator.mutate("asset", page=1)
    assert director.get(ASSETS).content == before.content
    director.wait(3601)
    after = director.get(ASSETS, etag=before.headers["ETag"])
    assert after.status_code == 200
    assert after.content != before.content
    assert moment(after, "Last-Modified") > moment(before, "Last-Modified")
    assert moment(after, "Date") - moment(before, "Date") >= 3600


def test_pages_of_a_snapshot_share_last_modified_whenever_they_are_asked(director: Guest) -> None:
    first = director.get(ASSETS, page=1)
    director.simulator.advance(1000)
    third = director.get(ASSETS, page=3)
    assert third.headers["Last-Modified"] == first.headers["Last-Modified"]
    assert third.headers["Expires"] == first.headers["Expires"]


def test_one_touched_page_answers_200_and_its_neighbours_304(director: Guest) -> None:
    tags = {page: director.get(ASSETS, page=page).headers["ETag"] for page in (1, 2, 3)}
    assert director.simulator.mutate("asset", page=2) == {"added": 0, "changed": 1, "removed": 0}
    director.wait(3601)
    statuses = [director.get(ASSETS, page=n, etag=tag).status_code for n, tag in tags.items()]
    assert statuses == [304, 200, 304]


def test_asking_again_before_expiry_is_logged_as_early(director: Guest) -> None:
    director.simulator.clear_log()
    for page in (1, 2, 1):
        director.get(ASSETS, page=page)
    director.wait(3601)
    director.get(ASSETS, page=1)
    asked = director.simulator.requests(route=ASSETS)
    assert [entry["early"] for entry in asked] == [False, False, True, False]


def test_repeating_what_failed_is_not_early(director: Guest) -> None:
    director.simulator.clear_log()
    director.simulator.fault(ASSETS, status=502, count=1)
    statuses = [director.get(ASSETS).status_code for _ in range(2)]
    assert statuses == [502, 200]
    assert director.simulator.requests(early=True) == []


def test_renew_ends_every_cached_answer(director: Guest) -> None:
    director.get(ASSETS)
    director.simulator.mutate("asset", remove="all")
    director.simulator.renew()
    assert director.get(ASSETS).json() == []


def test_gzip_only_for_who_accepts_it(director: Guest) -> None:
    packed = director.get(ASSETS)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(packed.content) / 3
    director.http.headers["Accept-Encoding"] = "identity"
    plain = director.get(ASSETS)
    assert "Content-Encoding" not in plain.headers
    assert plain.content == packed.content


def test_log_tells_what_a_client_is_judged_by(director: Guest) -> None:
    director.simulator.clear_log()
    director.http.headers["X-Compatibility-Date"] = "2026-07-21"
    director.get(ASSETS, page=2, etag='"x"')
    (entry,) = director.simulator.requests()
    expected = {
        "method": "GET",
        "route": ASSETS,
        "page": 2,
        "query": {"page": "2"},
        "status": 200,
        "authorization": True,
        "character_id": director.simulator.character_id,
        "compatibility_date": "2026-07-21",
        "if_none_match": '"x"',
        "group": "corp-asset",
        "tokens": 2,
        "open": 1,
    }
    assert {name: entry[name] for name in expected} == expected
