"""What the corporation owns in space hangs together: structures, bays, roles, titles, contracts."""

import math
from datetime import datetime
from itertools import pairwise

import pytest

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.world import places, structures
from corpsync_tui.simulator.world.model import Structure
from tests.simulator.conftest import C, Guest
from tests.support.simulator import Simulator


@pytest.fixture
def demo() -> Simulator:
    """The demo's corporation as it is when the demo begins."""
    return Simulator(SimulatorConfig(scale=SCALES["demo"]))


def hours_left(simulator: Simulator, moment: str) -> float:
    return (datetime.fromisoformat(moment).timestamp() - simulator.now()) / 3600


def test_there_is_every_kind_of_structure_and_what_can_go_wrong(demo: Simulator) -> None:
    rows = demo.truth("structure")
    assert len({row["type_id"] for row in rows}) >= 11
    assert {"hull_reinforce", "anchoring", "shield_vulnerable"} <= {row["state"] for row in rows}
    assert any(row["unanchors_at"] for row in rows)
    assert any(row["fuel_expires"] is None for row in rows)
    states = [service["state"] for row in rows for service in row["services"] or ()]
    assert {"online", "offline"} == set(states)
    fuel = [hours_left(demo, row["fuel_expires"]) for row in rows if row["fuel_expires"]]
    assert min(fuel) < 25


def test_blocks_in_the_bay_last_as_long_as_the_structure_says(demo: Simulator) -> None:
    """Burn = sum of attribute 2109 less the hull's bonus: the model's rate is the measured one."""
    world = demo.state.world
    bays = {
        row["location_id"]: row["quantity"]
        for row in demo.truth("asset")
        if row["location_flag"] == "StructureFuel" and row["type_id"] == structures.FUEL_BLOCK
    }
    burning = [row for row in demo.truth("structure") if row["fuel_expires"]]
    assert len(burning) > 15
    for row in burning:
        rate = structures.burn(world.structures[row["structure_id"]])
        expected = rate * hours_left(demo, row["fuel_expires"])
        assert bays[row["structure_id"]] == pytest.approx(math.ceil(expected), abs=1 + rate / 100)


@pytest.mark.parametrize(
    ("type_id", "modules", "rate"),
    [
        (35832, [35894], 7.5),
        (35825, [35878], 9.0),
        (35835, [45009, 35899], 12.0),
        (35836, [45009, 35899, 45537], 22.5),
        (35841, [35913], 30.0),
        (81826, [82941], 5.0),
    ],
)
def test_hulls_have_their_bonus_for_their_own_kind(
    type_id: int, modules: list[int], rate: float
) -> None:
    place = Structure(1, "", 1, 30000142, type_id, modules=modules)
    assert structures.burn(place) == rate


def test_refuelled_structures_last_longer_and_their_bay_with_them(demo: Simulator) -> None:
    before = {row["structure_id"]: row["fuel_expires"] for row in demo.truth("structure")}
    demo.tick(2_000)
    after = {row["structure_id"]: row["fuel_expires"] for row in demo.truth("structure")}
    assert any(after[key] > moment for key, moment in before.items() if moment and key in after)
    test_blocks_in_the_bay_last_as_long_as_the_structure_says(demo)


def test_life_leaves_offices_and_modules_where_they_are(demo: Simulator) -> None:
    def fixed() -> set[tuple[int, str]]:
        return {
            (row["item_id"], row["location_flag"])
            for row in demo.truth("asset")
            if row["type_id"] == 27 or row["location_flag"].startswith("ServiceSlot")
        }

    before = fixed()
    assert len(before) > 30
    demo.tick(3_000)
    assert fixed() == before


def test_nothing_stands_at_a_moon_where_something_stands(demo: Simulator) -> None:
    moons = [place.moon_id for place in demo.state.world.structures.values() if place.moon_id]
    moons += [row["moon_id"] for row in demo.truth("starbase")]
    assert len(set(moons)) == len(moons)
    assert set(moons) <= set(places.MOONS)


def test_starbase_is_told_for_its_own_system_only(director: Guest) -> None:
    row = director.simulator.truth("starbase")[0]
    path = f"{C}/starbases/{row['starbase_id']}"
    assert director.get(path, system_id=row["system_id"]).json()["fuels"]
    assert director.get(path, system_id=30000142).status_code == 404
    asked = {"Authorization": f"Bearer {director.token}"}
    assert director.http.get(director.path(path), headers=asked).status_code == 400


def test_structure_that_goes_takes_drill_and_docking_along(director: Guest) -> None:
    simulator = director.simulator
    simulator.mutate("structure", remove="all")
    assert simulator.truth("mining_extraction", forgotten=0) == []
    assert simulator.truth("facility") == []
    gone = simulator.truth("mining_extraction")[0]["structure_id"]
    assert director.get(f"/universe/structures/{gone}").status_code == 403


def test_roles_are_those_that_open_routes_and_stand_in_the_history(director: Guest) -> None:
    simulator = director.simulator
    simulator.mutate("member_role", change=6)
    world = simulator.state.world
    for row in simulator.truth("member_role"):
        assert row["roles"] == world.characters[row["character_id"]].roles
    change = simulator.truth("role_change")[0]
    now = world.characters[change["character_id"]].roles
    assert change["new_roles"] == now
    member = simulator.truth("member")[3]["character_id"]
    director.log_in(member)
    assert director.get(f"{C}/roles").status_code == 403
    simulator.roles(member, ["Personnel_Manager"])
    told = {row["character_id"]: row for row in director.get(f"{C}/roles").json()}
    assert told[member]["roles"] == ["Personnel_Manager"]


def test_contracts_are_in_every_state_and_tell_what_is_in_them(director: Guest) -> None:
    simulator = Simulator(SimulatorConfig(scale=SCALES["full"]))
    contracts = {row["contract_id"]: row for row in simulator.truth("contract")}
    assert len({row["status"] for row in contracts.values()}) >= 7
    items = simulator.truth("contract_item")
    filled = {row["contract_id"] for row in items}
    carried = {key for key, row in contracts.items() if row["type"] == "courier"}
    assert filled == set(contracts) - carried
    auctions = {key for key, row in contracts.items() if row["type"] == "auction"}
    assert {row["contract_id"] for row in simulator.truth("contract_bid")} == auctions
    courier = next(r for r in director.simulator.truth("contract") if r["type"] == "courier")
    assert director.get(f"{C}/contracts/{courier['contract_id']}/items").json() == []


def test_contract_that_left_the_list_outstanding_is_gone(simulator: Simulator) -> None:
    before = {row["contract_id"]: row for row in simulator.truth("contract")}
    assert all(row["state"] == row["status"] for row in before.values())
    simulator.mutate("contract", remove="all")
    for row in simulator.truth("contract"):
        was = before[row["contract_id"]]["status"]
        assert row["state"] == ("gone" if was == "outstanding" else was)


def test_blueprints_lie_where_the_assets_say(demo: Simulator) -> None:
    demo.mutate("blueprint", add=2)
    assets = {row["item_id"]: row for row in demo.truth("asset")}
    rows = demo.truth("blueprint")
    assert len(rows) > 50
    for row in rows:
        assert assets[row["item_id"]]["type_id"] == row["type_id"]
        assert (row["quantity"] == -2) == (row["runs"] > 0)


def test_directors_are_told_what_happens_and_others_nothing(director: Guest) -> None:
    path = "/characters/{character_id}/notifications"
    told = director.get(path).json()
    assert len({row["type"] for row in told}) >= 15
    assert all(row["text"].endswith("\n") and ": " in row["text"] for row in told)
    started = [row for row in told if row["type"] == "MoonminingExtractionStarted"]
    assert len(started) == len(director.simulator.truth("mining_extraction"))
    assert "oreVolumeByType:\n  " in started[0]["text"]
    member = director.simulator.truth("member")[3]["character_id"]
    director.log_in(member)
    assert director.get(f"/characters/{member}/notifications").json() == []


def test_sovereignty_is_where_the_hubs_stand(director: Guest) -> None:
    claims = {
        row["solar_system_id"]: row["claim"]
        for row in director.get("/sovereignty/systems").json()["solar_systems"]
    }
    for row in director.simulator.truth("sovereignty_hub"):
        claim = claims[row["solar_system_id"]]["alliance"]
        assert claim["corporation_id"] == director.simulator.corporation_id
        assert claim["sovereignty_hub"] == {"id": row["id"]}


def test_journal_balances_stay_without_gaps_while_money_moves(demo: Simulator) -> None:
    demo.tick(300)
    by_division: dict[int, list[dict[str, float]]] = {}
    for row in demo.truth("wallet_journal", forgotten=0):
        by_division.setdefault(row["division"], []).append(row)
    for rows in by_division.values():
        rows.sort(key=lambda row: row["id"])
        for older, newer in pairwise(rows):
            assert newer["balance"] == pytest.approx(older["balance"] + newer["amount"], abs=0.02)
