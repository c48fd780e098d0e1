"""Scopes, roles and corporations."""

from corpsync_tui.simulator.routes import ROUTES, SCOPES
from tests.simulator.conftest import ASSETS, JOURNAL, Guest

GUARDED = [route for route in ROUTES if route.roles and route.method == "GET"]


def test_no_token_401_no_scope_403_no_role_403_any_role_200(stranger: Guest) -> None:
    simulator = stranger.simulator
    simulator.limits(enabled=False)
    member = simulator.truth("member")[3]["character_id"]
    for route in GUARDED:
        stranger.token = ""
        simulator.roles(member, [])
        assert stranger.get(route.path).status_code == 401, route.path
        stranger.log_in(simulator.character_id, [s for s in SCOPES if s != route.scope])
        answer = stranger.get(route.path)
        assert (answer.status_code, str(route.scope) in answer.text) == (403, True), route.path
        stranger.log_in(member)
        assert stranger.get(route.path).status_code == 403, route.path
        for role in route.roles:
            simulator.roles(member, [role])
            assert stranger.get(route.path).status_code == 200, (route.path, role)


def test_public_routes_need_no_token(stranger: Guest) -> None:
    for route in ROUTES:
        if route.scope is None and route.method == "GET":
            assert stranger.get(route.path).status_code == 200


def test_token_expires_after_twenty_minutes(director: Guest) -> None:
    director.simulator.advance(1195)
    assert director.get(ASSETS).status_code == 200
    director.simulator.advance(10)
    assert director.get(ASSETS).status_code == 401


def test_revoked_token_is_refused(director: Guest) -> None:
    director.simulator.revoke(director.simulator.character_id)
    assert director.get(ASSETS).status_code == 401


def test_character_who_left_is_refused_and_told_elsewhere(director: Guest) -> None:
    simulator = director.simulator
    simulator.character(simulator.character_id, corporation_id=1000006)
    assert director.get(JOURNAL).status_code == 403
    answer = director.post("/characters/affiliation", [simulator.character_id]).json()
    assert answer[0]["corporation_id"] == 1000006


def test_scopes_can_be_narrowed_afterwards(director: Guest) -> None:
    simulator = director.simulator
    refresh = director.log_in(simulator.character_id)
    simulator.scopes(simulator.character_id, ["esi-universe.read_structures.v1"])
    director.token = director.tokens(refresh).json()["access_token"]
    assert director.get(ASSETS).status_code == 403
    assert director.get("/universe/structures/{structure_id}").status_code == 200


def test_roles_of_another_character_are_not_told(director: Guest) -> None:
    member = director.simulator.truth("member")[1]["character_id"]
    own = director.get("/characters/{character_id}/roles").json()
    assert own["roles"] == ["Director"]
    assert director.get(f"/characters/{member}/roles").status_code == 403


def test_tokens_that_are_over_take_no_room(director: Guest) -> None:
    for _ in range(3):
        assert director.get(ASSETS).status_code == 200
        director.wait(1_300)

    assert director.get(ASSETS).status_code == 200
    assert len(director.simulator.state.sso._verified) == 1
