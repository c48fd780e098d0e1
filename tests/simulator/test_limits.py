"""Token buckets and the error limit."""

from corpsync_tui.simulator.routes import ROUTES
from tests.simulator.conftest import ASSETS, Guest

KILLMAILS = "/corporations/{corporation_id}/killmails/recent"
ORDERS = "/corporations/{corporation_id}/orders"


def test_bucket_tells_what_it_holds_and_ends_in_429(director: Guest) -> None:
    for spent in range(2, 32, 2):
        answer = director.get(KILLMAILS)
        assert answer.headers["X-Ratelimit-Group"] == "corp-killmail"
        assert answer.headers["X-Ratelimit-Limit"] == "30/15m"
        assert answer.headers["X-Ratelimit-Used"] == str(spent)
        assert answer.headers["X-Ratelimit-Remaining"] == str(30 - spent)
    refused = director.get(KILLMAILS)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert refused.headers["X-Ratelimit-Used"] == "30"


def test_bucket_fills_again_as_the_window_slides(director: Guest) -> None:
    for _ in range(8):
        director.get(KILLMAILS)
    director.simulator.advance(600)
    for _ in range(7):
        director.get(KILLMAILS)
    wait = int(director.get(KILLMAILS).headers["Retry-After"])
    assert 290 <= wait <= 300
    director.simulator.advance(wait)
    assert director.get(KILLMAILS).headers["X-Ratelimit-Used"] == "16"


def test_304_costs_one_4xx_five_and_5xx_nothing(director: Guest) -> None:
    def used() -> int:
        return sum(entry["tokens"] for entry in director.simulator.requests(route=ASSETS))

    tag = director.get(ASSETS).headers["ETag"]
    assert used() == 2
    director.get(ASSETS, etag=tag)
    assert used() == 3
    director.get(ASSETS, page=99)
    assert used() == 8
    director.simulator.fault(ASSETS, status=503)
    assert director.get(ASSETS).headers["X-Ratelimit-Used"] == "8"


def test_each_character_and_each_group_has_a_bucket_of_its_own(director: Guest) -> None:
    for _ in range(16):
        director.get(KILLMAILS)
    assert director.get(ASSETS).status_code == 200
    accountant = director.simulator.truth("member")[1]["character_id"]
    director.simulator.roles(accountant, ["Director"])
    director.log_in(accountant)
    assert director.get(KILLMAILS).headers["X-Ratelimit-Used"] == "2"


def test_error_limit_ends_in_420_on_every_route_until_the_minute_ends(director: Guest) -> None:
    director.simulator.advance(60 - director.simulator.state.clock.now() % 60)  # it is whole
    first = director.get(ORDERS)
    assert "X-Ratelimit-Group" not in first.headers
    assert first.headers["X-ESI-Error-Limit-Remain"] == "100"
    for _ in range(100):
        answer = director.get("/universe/structures/1")
    if answer.status_code == 404:
        assert answer.headers["X-ESI-Error-Limit-Remain"] == "0"
    reset = int(answer.headers["X-ESI-Error-Limit-Reset"])
    assert 0 < reset <= 60
    assert director.get(ASSETS).status_code == 420
    assert director.get("/status").status_code == 420
    director.simulator.advance(reset)
    assert director.get(ASSETS).status_code == 200


def test_limits_can_be_resized_emptied_and_switched_off(director: Guest) -> None:
    simulator = director.simulator
    simulator.limits(sizes={"corp-killmail": 2})
    assert [director.get(KILLMAILS).status_code for _ in range(2)] == [200, 429]
    simulator.limits(reset=True)
    assert director.get(KILLMAILS).status_code == 200
    simulator.limits(enabled=False)
    assert "X-Ratelimit-Group" not in director.get(KILLMAILS).headers


def test_downtime_refuses_every_route_with_html_and_status_with_503(director: Guest) -> None:
    director.simulator.downtime(down=True)
    for route in ROUTES:
        if route.method == "GET":
            answer = director.get(route.path)
            expected = 503 if route.path == "/status" else 502
            assert answer.status_code == expected
    assert answer.text.startswith("<html>")
    director.simulator.downtime(vip=True)
    assert director.get("/status").json()["vip"] is True
    assert director.get(ASSETS).status_code == 504
    director.simulator.downtime()
    assert director.get(ASSETS).status_code == 200
    assert "vip" not in director.get("/status").json()
