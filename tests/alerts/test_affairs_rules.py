"""Contracts, projects and roles: what is unknown is no alert, and the past is no news."""

from __future__ import annotations

from tests.alerts.affairs_cases import contract, dated, member, project, roles_changed, taken
from tests.alerts.support import HOUR, Home, esi
from tests.support.database import NOW, insert_run


def test_a_project_that_will_miss_its_date_is_behind(home: Home) -> None:
    dated(home, 49)
    (alert,) = home.look("project")

    assert alert.sentence.startswith("Project “Veldspar” will not be done before ")
    assert alert.row_key == {"id": "a"}


def test_a_project_at_a_standstill_is_behind_once_its_end_is_near(home: Home) -> None:
    dated(home, 6)
    home.sql("DELETE FROM change")
    assert len(home.look("project")) == 1

    home.sql("DELETE FROM project_detail")
    home.sql("DELETE FROM project")
    dated(home, 8)
    home.sql("DELETE FROM change")
    assert home.look("project") == ()


def test_a_project_in_time_and_one_without_a_date_are_not(home: Home) -> None:
    dated(home, 51)
    assert home.look("project") == ()

    home.sql("""UPDATE project_detail SET details = '{"career": "x", "created": "x"}'""")
    assert home.look("project") == ()


def test_what_nobody_knows_is_no_alert(home: Home) -> None:
    taken(home, None)
    project(home, reward=None)
    home.put("member", character_id=7, start_date="2020-01-01T00:00:00Z")

    assert [home.look(r) for r in ("contract_late", "project", "idle_roles")] == [(), (), ()]


def test_a_member_of_whom_nobody_knows_the_roles_is_none_with_roles(home: Home) -> None:
    member(home, 40, "Director")
    home.sql("DELETE FROM member_role")

    assert home.look("idle_roles") == ()


def test_roles_that_were_given_before_the_first_load_are_no_news(home: Home) -> None:
    insert_run(home.path, "corporation")
    roles_changed(home, [], ["Director"])
    assert home.look("role_given") == ()

    home.put("change_start", table_name="role_change", time=NOW - 60)
    assert home.look("role_given") == ()
    home.sql("UPDATE change_start SET time = ?", NOW - 2 * HOUR)
    (alert,) = home.look("role_given")

    assert alert.level == "high"
    assert alert.row_key == {
        "changed_at": esi(NOW - HOUR),
        "character_id": 90_000_001,
        "role_type": "roles",
        "row_hash": 1,
    }


def test_a_contract_that_is_gone_or_over_does_not_end(home: Home) -> None:
    contract(home, -1)
    contract(home, 5, contract_id=6, state="gone")

    assert home.look("contract") == ()
