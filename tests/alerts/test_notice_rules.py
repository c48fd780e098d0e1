"""An attack is one alert however many notices tell of it; old and hostile notices are none."""

from __future__ import annotations

import json

import pytest

from corpsync_tui.catalog.notifications import ELSEWHERE
from tests.alerts.notice_cases import CASES, bill, filetime, notify, upwell
from tests.alerts.support import DAY, HOUR, Case, Home, esi
from tests.support.database import CORPORATION, NOW, insert_run

MINUTE = 60.0
NEWS = [case for case in CASES if case.rule != "bill"]


def test_notices_of_one_attack_are_one_alert_until_it_is_over(home: Home) -> None:
    for number, minutes in enumerate((300, 290, 240, 235, 100, 40)):
        upwell(home, "StructureUnderAttack", minutes * MINUTE, number)
    first, second = home.look("attacked")[::-1], home.look("attacked")

    assert len(second) == 2
    assert sorted(alert.since or 0 for alert in first) == [
        NOW - 300 * MINUTE,
        NOW - 100 * MINUTE,
    ]


@pytest.mark.parametrize("case", NEWS, ids=lambda case: case.rule)
def test_what_was_told_before_the_first_load_is_no_news(home: Home, case: Case) -> None:
    insert_run(home.path, "notifications")
    case.happens(home)
    assert home.look(case.rule) == ()  # the first load is under way

    home.put("change_start", table_name="notification", time=NOW - 60)
    assert home.look(case.rule) == ()
    home.sql("UPDATE change_start SET time = ?", NOW - 2 * HOUR)
    assert len(home.look(case.rule)) == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_what_a_character_brings_along_from_another_corporation_is_no_news(
    home: Home, case: Case
) -> None:
    case.happens(home)
    home.put("member", character_id=1, start_date=esi(NOW - 30 * MINUTE))
    assert home.look(case.rule) == ()  # it joined after that was written
    home.sql("UPDATE member SET start_date = ?", esi(NOW - 30 * DAY))
    assert len(home.look(case.rule)) == 1

    seen = json.dumps(esi(NOW - HOUR))
    home.put_any("setting", key=f"{ELSEWHERE}{CORPORATION}.1", value=seen)
    assert home.look(case.rule) == ()  # it was in another corporation then
    home.sql("UPDATE setting SET value = ?", json.dumps(esi(NOW - 30 * DAY)))
    assert len(home.look(case.rule)) == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_what_a_character_told_the_corporation_that_it_left_stays_news(
    home: Home, case: Case
) -> None:
    case.happens(home)
    home.put_any("setting", key=f"{ELSEWHERE}{CORPORATION + 1}.1", value=json.dumps(esi(NOW)))
    assert len(home.look(case.rule)) == 1


def test_a_bill_that_was_written_before_the_first_load_is_still_due(home: Home) -> None:
    home.put("change_start", table_name="notification", time=NOW - 60)
    bill(home, 1)

    assert len(home.look("bill")) == 1


def test_an_event_that_several_directors_are_told_of_is_one(home: Home) -> None:
    for number in range(3):
        upwell(home, "StructureLostArmor", id_=number)
        notify(home, "WarDeclared", id_=10 + number, declaredByID=5, againstID=6)

    assert len(home.look("reinforced")) == len(home.look("war")) == 1


def test_places_have_the_names_that_are_known(home: Home) -> None:
    where = {"planetID": 40_000_002, "solarSystemID": 30_000_142}
    notify(home, "OrbitalReinforced", **where, reinforceExitTime=filetime(NOW + DAY))
    home.sql("INSERT INTO eve_name VALUES (30000142, 'Jita', 'solar_system', 0)")
    (alert,) = home.look("reinforced")

    assert alert.sentence.startswith("The customs office at Jita is reinforced, until ")
    assert alert.row_key == {"notification_id": 1}


HOSTILE = ("[" * 3_000, "!!python/object:os.system", f"{10**400}", f"{2**62}", "[1, 2]", ".nan")


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_costs_no_rule(
    home: Home, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = ("structureID", "timeLeft", "reinforceExitTime", "amount", "dueDate", "againstID")
    kinds = ("StructureUnderAttack", "StructureLostShields", "WarDeclared", "CorpAllBillMsg")
    for number, kind in enumerate((*kinds, "CorpAppNewMsg", "StructureDestroyed")):
        notify(home, kind, HOUR, number, **dict.fromkeys(names, value))
    found = [len(home.look(case.rule)) for case in CASES]

    assert found == [1, 1, 1, 1, 0, 0]
    assert not caplog.records
