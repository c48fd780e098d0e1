"""Fuel in bands, timers by the hour, and silence about what nobody knows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.store.changepack import pack_oldest
from tests.alerts import estate_cases as estate
from tests.alerts.support import DAY, HOUR, Act, Home, esi
from tests.support.database import NOW


def sentences(home: Home, rule: str) -> list[str]:
    return [alert.sentence for alert in home.look(rule)]


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [(336, 169, "low"), (168, 73, "medium"), (72, 25, "high"), (24, 2, "high")],
)
def test_a_band_of_fuel_is_one_fact_and_the_next_another(
    home: Home, before: float, after: float, level: str
) -> None:
    estate.burning(home, before)
    (entered,) = home.look("fuel")
    estate.moved(home, after)
    (left,) = home.look("fuel")
    estate.moved(home, after - 2)
    below = {alert.fact for alert in home.look("fuel")}

    assert entered.level == left.level == level
    assert entered.fact == left.fact
    assert left.fact not in below


def test_bands_are_those_of_the_settings(home: Home) -> None:
    estate.burning(home, 50 * 24)

    assert not home.look("fuel")
    home.boards["fuel"] = {"bands": (60,), "metenox_gas": None}
    assert home.look("fuel")


def test_a_refuelled_structure_is_told_again_when_it_runs_low_again(home: Home) -> None:
    estate.burning(home, 30)
    assert home.look("fuel")
    estate.moved(home, 40 * 24)
    assert not home.look("fuel")


@pytest.mark.parametrize(
    ("happens", "says", "level"),
    [
        (lambda h: estate.ansiblex(h, 200_000), "Keep has 200,000 liquid ozone left", "high"),
        (lambda h: estate.ansiblex(h, 1_200_000), "Keep has 1,200,000 liquid ozone left", "medium"),
        (lambda h: estate.tower(h, 400), "Starbase 5 runs out of fuel in 10 hours", "high"),
        (lambda h: estate.tower(h, 0), "Starbase 5 is out of fuel", "high"),
        (
            lambda h: estate.tower(h, 40_000, 4_000),
            "Starbase 5 has strontium for 10 hours only",
            "medium",
        ),
        (lambda h: estate.tower(h, 40_000, 0), "Starbase 5 has no strontium", "medium"),
        (lambda h: estate.hub(h, 1_000), "Sovereignty hub, 30 runs out of reagents", "medium"),
    ],
    ids=["ozone", "less ozone", "tower", "dry tower", "strontium", "no strontium", "hub"],
)
def test_everything_that_burns_runs_dry(home: Home, happens: Act, says: str, level: str) -> None:
    happens(home)
    (alert,) = home.look("fuel")

    assert says in alert.sentence
    assert alert.level == level


def test_a_metenox_runs_out_of_what_ends_first(home: Home) -> None:
    estate.copied(home, "assets", "asset")
    estate.structure(home, type_id=estate.METENOX, fuel_expires=esi(NOW + 30 * DAY))
    estate.bay(home, estate.GAS, 200 * 30)

    assert sentences(home, "fuel") == ["Keep runs out of magmatic gas in 1 day"]


@pytest.mark.parametrize(
    "happens",
    [
        lambda h: estate.tower(h, None),
        estate.structure,
        lambda h: estate.structure(h, type_id=estate.ANSIBLEX),
        lambda h: estate.structure(h, type_id=estate.METENOX, fuel_expires=esi(NOW + 30 * DAY)),
        lambda h: h.put("skyhook", id=3, planet_id=40),
        lambda h: h.put("sovereignty_hub", id=7, solar_system_id=30),
    ],
    ids=["tower", "burns nothing", "ozone", "gas", "skyhook", "hub"],
)
def test_what_nobody_knows_is_no_alert(home: Home, happens: Act) -> None:
    happens(home)
    rules = ("fuel", "low_power", "services", "unanchoring", "bay_full", "timer", "last_timer")

    assert [alert for rule in rules for alert in home.look(rule)] == []


def test_the_last_hours_of_a_timer_are_facts_of_their_own(home: Home) -> None:
    estate.reinforced(home, "hull_reinforce", 30)
    found: list[OpenAlert] = []
    for hours in (6, 11, 7, 5, 0.5):
        home.now += hours * HOUR
        found += home.look("timer")

    assert [alert.level for alert in found] == ["medium", "medium", "high", "high", "high"]
    assert found[0].fact == found[1].fact
    assert len({alert.fact for alert in found}) == 3
    assert found[0].sentence == "Keep: its hull timer ends in 1 day; it is the last"


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (lambda h: estate.reinforced(h, "armor_reinforce", 60, estate.ASTRAHUS), "Keep can be"),
        (lambda h: estate.skyhook(h, reinforcement_timer={"end": esi(NOW + DAY)}), "Skyhook, 40"),
        (
            lambda h: h.put(
                "starbase",
                starbase_id=5,
                type_id=estate.TOWER,
                state="reinforced",
                reinforced_until=esi(NOW + DAY),
            ),
            "Starbase 5 can be destroyed",
        ),
    ],
    ids=["medium", "skyhook", "tower"],
)
def test_a_timer_may_be_the_last_before_the_hull(home: Home, happens: Act, says: str) -> None:
    happens(home)
    (alert,) = home.look("last_timer")

    assert says in alert.sentence
    assert alert.level == "high"


def test_a_window_that_comes_back_every_few_days_is_no_timer(home: Home) -> None:
    window = {"start": esi(NOW + HOUR), "end": esi(NOW + 2 * HOUR)}
    estate.skyhook(home, theft_vulnerability=window)

    assert home.look("timer") == home.look("last_timer") == ()


def test_a_structure_whose_fuel_was_lost_is_abandoned_a_week_later(home: Home) -> None:
    estate.fuel_lost(home, DAY)
    assert sentences(home, "low_power") == ["Keep has low power; it is abandoned in 6 days"]

    home.now += 6 * DAY
    assert sentences(home, "low_power") == ["Keep has low power; it is abandoned"]


def test_lost_fuel_is_known_also_once_the_changes_are_packed(home: Home) -> None:
    estate.fuel_lost(home, DAY)
    with closing(sqlite3.connect(home.path)) as db, db:
        assert pack_oldest(db, -1, 1)

    assert sentences(home, "low_power") == ["Keep has low power; it is abandoned in 6 days"]


def test_fuel_that_came_back_is_no_low_power(home: Home) -> None:
    estate.fuel_lost(home, DAY)
    estate.moved(home, 20 * 24)

    assert home.look("low_power") == ()


def test_services_without_fuel_are_told_as_low_power_alone(home: Home) -> None:
    estate.services(home, "offline", fuel_expires=None)

    assert home.look("services") == ()
