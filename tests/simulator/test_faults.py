"""Fault scripts: what goes wrong goes wrong on the wire, and only where the rule says."""

import gzip
import json
import socket
import time
import zlib
from base64 import b64encode
from typing import Any
from urllib.error import HTTPError

import httpx
import pytest

from tests.simulator.conftest import ASSETS, Guest
from tests.support.simulator import Sim


def raw(guest: Guest, path: str = "/status") -> bytes:
    """Everything the server sends before it closes."""
    host, port = guest.simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


def headers_and_body(answer: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, body


def test_rule_meets_only_its_route_page_method_and_count(director: Guest) -> None:
    director.simulator.fault(ASSETS, method="GET", page=2, nth=2, status=500)
    statuses = [director.get(ASSETS, page=page).status_code for page in (1, 2, 2, 2)]
    assert statuses == [200, 200, 500, 200]
    director.simulator.clear_faults()
    director.simulator.fault("^/corporations/.*/assets$", count=2, status=520)
    assert [director.get(ASSETS).status_code for _ in range(3)] == [520, 520, 200]


def test_rule_for_a_range_of_requests_and_for_a_query(director: Guest) -> None:
    director.simulator.call(
        "POST", "faults", rules=[{"route": "/status", "from": 2, "to": 3, "status": 503}]
    )
    assert [director.get("/status").status_code for _ in range(4)] == [200, 503, 503, 200]
    director.simulator.fault(ASSETS, query={"page": "3"}, status=504)
    assert director.get(ASSETS).status_code == 200
    assert director.get(ASSETS, page=3).status_code == 504


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"body": "<html>login</html>"}, (200, b"<html>login</html>", "text/html")),
        ({"json": {"sso_status": 500}, "status": 403}, (403, b'{"sso_status":500}', "json")),
        ({"body": '{"a": 1e999}'}, (200, b'{"a": 1e999}', "json")),
        ({"body_base64": b64encode(b"\xff[").decode()}, (200, b"\xff[", "json")),
        ({"body": ""}, (200, b"", "json")),
    ],
)
def test_body_of_a_rule_takes_the_true_ones_place(
    stranger: Guest, rule: dict[str, Any], expected: tuple[int, bytes, str]
) -> None:
    stranger.simulator.fault("/status", **rule)
    answer = stranger.get("/status")
    status, body, kind = expected
    assert (answer.status_code, answer.content) == (status, body)
    assert kind in answer.headers["Content-Type"]


def test_headers_alone_spoil_the_true_answer(director: Guest) -> None:
    director.simulator.fault(ASSETS, headers={"X-Pages": "-1", "Expires": "0"})
    answer = director.get(ASSETS)
    assert answer.status_code == 200
    assert (answer.headers["X-Pages"], answer.headers["Expires"]) == ("-1", "0")


def test_header_that_is_none_goes(director: Guest) -> None:
    tag = director.get(ASSETS).headers["ETag"]
    director.simulator.fault(ASSETS, headers={"expires": None, "Cache-Control": None})
    answer = director.get(ASSETS, etag=tag)
    assert answer.status_code == 304
    assert not {"expires", "cache-control"} & set(answer.headers)


def test_304_for_data_that_changed(director: Guest) -> None:
    tag = director.get(ASSETS).headers["ETag"]
    director.simulator.mutate("asset", page=1)
    director.simulator.renew()
    director.simulator.fault(ASSETS, status=304, headers={"ETag": tag})
    answer = director.get(ASSETS, etag=tag)
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)


def test_client_that_gave_up_holds_nothing(director: Guest) -> None:
    director.simulator.clear_log()
    director.simulator.fault(ASSETS, delay=1, count=1)
    with pytest.raises(httpx.ReadTimeout):
        director.http.get(
            director.path(ASSETS),
            headers={"Authorization": f"Bearer {director.token}"},
            timeout=0.1,
        )
    assert director.get(ASSETS).status_code == 200
    while director.simulator.call("GET", "log")["open"]:
        pass
    asked = director.simulator.requests()
    assert [(entry["status"], entry["early"]) for entry in asked] == [(None, False), (200, False)]


def test_numbers_and_text_that_no_decoder_likes_can_be_served(director: Guest) -> None:
    for value in (1 << 63, 1 << 70, "\ud800"):
        director.simulator.mutate("asset", set={"index": 0, "fields": {"item_id": value}})
        director.simulator.renew()
        assert director.get(ASSETS).json()[0]["item_id"] == value


def test_delay_and_redirect(stranger: Guest) -> None:
    stranger.simulator.fault("/status", delay=0.2, redirect="http://127.0.0.1:1/elsewhere")
    began = time.monotonic()
    answer = stranger.get("/status")
    assert time.monotonic() - began >= 0.2
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "http://127.0.0.1:1/elsewhere",
    )


def test_reset_before_and_within_the_body(stranger: Guest) -> None:
    stranger.simulator.fault("/status", reset=True, count=1)
    with pytest.raises(ConnectionResetError):
        raw(stranger)
    stranger.simulator.fault("/status", reset=True, cut=10, count=1)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        stranger.get("/status")
    assert stranger.get("/status").status_code == 200


def test_close_without_an_answer(stranger: Guest) -> None:
    stranger.simulator.fault("/status", close=True)
    assert raw(stranger) == b""


def test_cut_body_is_shorter_than_its_length_says(stranger: Guest) -> None:
    stranger.simulator.fault("/status", cut=7)
    headers, body = headers_and_body(raw(stranger))
    assert len(body) == 7 < int(headers["content-length"])
    with pytest.raises(httpx.RemoteProtocolError):
        stranger.get("/status")


def test_cut_chunk(stranger: Guest) -> None:
    stranger.simulator.fault("/status", chunked=True, cut=12)
    headers, body = headers_and_body(raw(stranger))
    assert headers["transfer-encoding"] == "chunked"
    assert len(body) == 12
    with pytest.raises(httpx.RemoteProtocolError):
        stranger.get("/status")


def test_half_a_gzip_body_with_a_fitting_length(director: Guest) -> None:
    director.simulator.fault(ASSETS, gzip_half=True)
    answer = director.get(ASSETS)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    with director.http.stream("GET", director.path(ASSETS)) as stream:
        assert stream.headers["Content-Encoding"] == "gzip"


def test_bomb_is_small_on_the_wire(stranger: Guest) -> None:
    stranger.simulator.fault("/status", bomb=20_000_000)
    headers, body = headers_and_body(raw(stranger))
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 100_000
    unpacked = zlib.decompress(body, 31)
    assert len(unpacked) > 19_000_000
    assert json.loads(unpacked) == []
    assert gzip.decompress(body) == unpacked


def test_drip_sends_byte_by_byte(stranger: Guest) -> None:
    stranger.simulator.fault("/status", body="12345", drip=0.05)
    began = time.monotonic()
    _, body = headers_and_body(raw(stranger))
    assert body == b"12345"
    assert time.monotonic() - began >= 0.2


def test_spoiled_answers_are_logged_as_such(director: Guest) -> None:
    director.simulator.clear_log()
    director.simulator.fault(ASSETS, status=500)
    director.get(ASSETS)
    (entry,) = director.simulator.requests()
    assert (entry["status"], entry["fault"]) == (500, "status=500")


def test_renewal_in_the_middle_of_paging(director: Guest) -> None:
    """A rule may carry out control verbs at the very moment of a request."""
    steps = [{"verb": "mutate", "table": "asset", "page": 3}, {"verb": "clock", "advance": 2}]
    director.simulator.fault(ASSETS, page=2, nth=1, do=[*steps, {"verb": "snapshots"}])
    first = director.get(ASSETS, page=1)
    second = director.get(ASSETS, page=2)
    assert second.status_code == 200
    assert second.headers["Last-Modified"] != first.headers["Last-Modified"]


def test_sign_on_can_be_spoiled_too(stranger: Guest) -> None:
    stranger.simulator.fault("/oauth/jwks", status=500)
    assert stranger.http.get("/oauth/jwks").status_code == 500


def test_control_over_http_does_what_the_methods_do(stranger: Guest) -> None:
    remote = Sim(stranger.simulator.url)
    assert remote.character_id == stranger.simulator.character_id
    assert remote.truth("member") == stranger.simulator.truth("member")
    remote.fault("/status", status=500)
    assert stranger.get("/status").status_code == 500
    remote.clear_faults()
    assert len(remote.requests(path="/status")) == 1
    assert remote.mutate("asset", change=0.01)["changed"] == 3
    remote.clear_log()
    assert stranger.simulator.requests() == []
    with pytest.raises(HTTPError) as refused:
        remote.mutate("nonsense", change=1)
    assert "nonsense" in json.load(refused.value)["error"]
