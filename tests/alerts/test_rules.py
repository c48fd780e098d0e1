"""Every rule: when it fires, once; when it does not; and how its item goes away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import copy
from typing import Any

import pytest

from corpsync_tui.alerts.evaluate import RuleBook, evaluate_rules
from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.queries.alerts import listed_alerts
from corpsync_tui.settings.attention import attention_keys, defaults
from tests.alerts.affairs_cases import CASES as AFFAIRS
from tests.alerts.estate_cases import CASES as ESTATE
from tests.alerts.notice_cases import CASES as NOTICES
from tests.alerts.support import DAY, HOUR, Act, Case, Home, esi, later
from tests.alerts.wallet_cases import CASES as WALLET
from tests.support.database import (
    CORPORATION,
    NOW,
    insert_character,
    insert_run,
    opened,
)


def sink(home: Home, **values: Any) -> None:
    state = json.dumps({"since": NOW - DAY, **values})
    home.sql("INSERT OR REPLACE INTO setting VALUES ('alerts/discord', ?)", state)


def status(home: Home, process: str, **values: Any) -> None:
    for name, value in values.items():
        home.sql(
            f"UPDATE sync_status SET {name} = ? WHERE process_id = ?",
            value,
            f"{CORPORATION}/{process}",
        )


def due(home: Home, seconds: float) -> None:
    home.sql("UPDATE sync_schedule SET next_run_time = ? WHERE process_type = 'wallet'", seconds)


def character(home: Home, **values: Any) -> None:
    insert_character(home.path, **{"renewed_at": NOW - DAY, **values})


def renew(home: Home) -> None:
    home.sql("UPDATE character SET needs = NULL, renewed_at = ?", home.now)


def job(home: Home, **values: Any) -> None:
    fields = dict.fromkeys(
        ("blueprint_id", "blueprint_location_id", "blueprint_type_id", "facility_id"), 5
    ) | dict.fromkeys(("installer_id", "location_id", "output_location_id", "product_type_id"), 6)
    told = {"activity_id": 1, "duration": 1, "runs": 12, "job_id": 1, "start_date": esi(NOW - DAY)}
    home.put("industry_job", **{**fields, **told, **values})


def journal(home: Home, **values: Any) -> None:
    told = {"division": 1, "id": 1, "description": "", "ref_type": "player_donation"}
    home.put("wallet_journal", **{**told, "date": esi(NOW - HOUR), **values})


def member(home: Home, **values: Any) -> None:
    home.put("member", **{"character_id": 7, **values})


def extraction(home: Home, arrives: float) -> None:
    home.put(
        "mining_extraction",
        chunk_arrival_time=esi(NOW + arrives),
        extraction_start_time=esi(NOW - 10 * DAY),
        natural_decay_time=esi(NOW + arrives + 3 * HOUR),
        moon_id=40_000_001,
        structure_id=9,
    )


def order(home: Home, **values: Any) -> None:
    told = {"duration": 1, "issued": esi(NOW - 20 * HOUR), "location_id": 5, "order_id": 1}
    more = {"price": 1.0, "range": "40", "region_id": 1, "state": "open", "type_id": 34}
    volumes = {"volume_remain": 40, "volume_total": 50, "wallet_division": 1, "is_buy_order": 0}
    home.put("market_order", **{**told, **more, **volumes, **values})


def killmail(home: Home, *, corporation_id: int = CORPORATION, time: float = NOW - HOUR) -> None:
    home.put(
        "wallet_transaction",
        division=1,
        client_id=1,
        date=esi(NOW - DAY),
        is_buy=1,
        journal_ref_id=1,
        location_id=5,
        quantity=1,
        transaction_id=1,
        type_id=587,
        unit_price=60e6,
    )
    item = {"flag": 5, "item_type_id": 587, "singleton": 0, "quantity_destroyed": 1}
    victim = {"damage_taken": 1, "ship_type_id": 587, "items": [item]}
    home.put(
        "killmail",
        attackers=[],
        killmail_id=1,
        killmail_time=esi(time),
        solar_system_id=30_000_142,
        victim={**victim, "corporation_id": corporation_id},
        killmail_hash="x",
    )


def container(home: Home, character_id: int, *, logged: bool = True, ordinal: int = 0) -> None:
    told = {"character_id": character_id, "container_id": 4, "location_id": 5}
    when = home.now - (HOUR if logged else 20 * DAY)
    row = {**told, "logged_at": esi(when), "action": "add", "container_type_id": 1}
    key = {"row_hash": character_id, "ordinal": ordinal}
    home.put("container_log", **row, **key, location_flag="Unlocked")
    if logged:
        home.change("container_log", "added", key, row)


def with_history(act: Act) -> Act:
    def both(home: Home) -> None:
        container(home, 1, logged=False)
        act(home)

    return both


CASES = [
    *AFFAIRS,
    *ESTATE,
    *NOTICES,
    *WALLET,
    Case(
        "error",
        lambda h: status(
            h, "market", error_count=3, error_message="Market: ESI fails", failing_since=1.0
        ),
        "Market failed, 3 times in a row: ESI fails",
        lambda h: status(h, "market", error_count=3, error_message="x", needs="login"),
        lambda h: status(h, "market", error_count=0),
    ),
    Case(
        "parked",
        lambda h: status(h, "wallet", needs="role:Accountant", failing_since=1.0),
        "Accountant",
        lambda h: status(h, "wallet", error_count=1),
        lambda h: status(h, "wallet", needs=None),
    ),
    Case(
        "overdue",
        lambda h: due(h, NOW - HOUR),
        "Wallet should have run 1 hour ago",
        lambda h: due(h, NOW - 60),
        lambda h: due(h, NOW + HOUR),
    ),
    Case(
        "login",
        lambda h: character(h, needs="login"),
        "Aldra Vex must log in again",
        lambda h: character(h),
        renew,
    ),
    Case(
        "token",
        lambda h: character(h, renewed_at=NOW - 26 * DAY),
        "Aldra Vex's login was last renewed 26 days ago",
        lambda h: character(h, renewed_at=NOW - 24 * DAY),
        renew,
    ),
    Case(
        "alerts",
        lambda h: sink(h, off="HTTP 404"),
        "Alerts are not sent to discord any more (HTTP 404): the webhook is gone. Add it again: "
        "corpsync alert add discord URL",
        sink,
        sink,
    ),
    Case(
        "job_ready",
        lambda h: job(h, status="active", end_date=esi(NOW - 60)),
        "12 × Type 6 ready to deliver",
        lambda h: job(h, status="active", end_date=esi(NOW + 60)),
        lambda h: h.sql("UPDATE industry_job SET status = 'delivered'"),
    ),
    Case(
        "wallet_floor",
        lambda h: h.put("wallet_balance", division=1, balance=99e6),
        "Master wallet holds 99.0 M, less than 100.0 M",
        lambda h: h.put("wallet_balance", division=2, balance=1.0),
        lambda h: h.sql("UPDATE wallet_balance SET balance = 100e6"),
    ),
    Case(
        "withdrawal",
        lambda h: journal(h, amount=-1.2e9, second_party_id=8),
        "Master wallet −1.2 B to Character 8",
        lambda h: journal(h, amount=-0.9e9),
        later(3 * DAY),
    ),
    Case(
        "member",
        lambda h: h.change("member", "added", {"character_id": 7}, {}),
        "Character 7 joined",
        lambda h: h.change("member", "changed", {"character_id": 7}, {"base_id": 5}),
        later(3 * DAY),
    ),
    Case(
        "absent",
        lambda h: member(h, logon_date=esi(NOW - 91 * DAY)),
        "Character 7 has not logged in for 91 days",
        lambda h: member(h, logon_date=esi(NOW - 89 * DAY)),
        lambda h: h.sql("UPDATE member SET logon_date = ?", esi(NOW)),
    ),
    Case(
        "extraction",
        lambda h: extraction(h, 5 * HOUR),
        "Structure 9: the chunk of Moon 40000001 arrives in 5 hours",
        lambda h: extraction(h, 25 * HOUR),
        later(9 * HOUR),
    ),
    Case(
        "order",
        lambda h: order(h),
        "sell order for 40 Type 34 expires in 4 hours",
        lambda h: order(h, duration=3),
        lambda h: h.sql("UPDATE market_order SET state = 'closed'"),
    ),
    Case(
        "loss",
        lambda h: killmail(h),
        "lost a Type 587 worth 120.0 M in System 30000142",
        lambda h: killmail(h, corporation_id=5),
        later(3 * DAY),
    ),
    Case(
        "container",
        with_history(lambda h: container(h, 2)),
        "Character 2 added something to Item 4 in Location 5 (first time)",
        with_history(lambda h: container(h, 1, ordinal=1)),
        later(3 * DAY),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_fires_once_unless_switched_off_and_goes_away_with_its_cause(
    home: Home, case: Case
) -> None:
    case.happens(home)
    (item,) = home.look(case.rule)
    (again,) = home.look(case.rule)
    assert case.says in item.sentence
    assert again.fact == item.fact

    assert home.look(case.rule, **{case.rule: False}) == ()
    case.ends(home)
    assert home.look(case.rule) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_does_not_fire(home: Home, case: Case) -> None:
    assert home.look(case.rule) == ()
    case.quiet(home)
    assert home.look(case.rule) == ()


def test_every_rule_has_a_setting_and_every_setting_a_rule() -> None:
    rules = [rule.name for rule, _ in RuleBook(ALL, {}).rules()]
    settings = set(attention_keys()) - {"recent", "bell"}

    assert len(rules) == len(set(rules))
    assert set(rules) == settings == {case.rule for case in CASES}


def test_a_rule_that_raises_costs_only_its_own_alerts(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(context: RuleContext) -> Iterator[Alert]:
        raise LookupError(context.corporation_id)

    job(home, status="ready", end_date=esi(NOW - 60))
    broken = Rule("broken", fail, says="It never works.")
    processes = [*ALL, copy(ALL[0])]
    processes[-1].rules = (broken,)
    with opened(home.path) as db:
        found = evaluate_rules(db, RuleBook(tuple(processes), defaults()), NOW)

    assert [alert.rule for alert in found.alerts] == ["job_ready"]
    assert (CORPORATION, "broken") not in found.evaluated
    assert "the rule broken failed" in caplog.text


def test_a_process_that_is_off_is_not_looked_at(home: Home) -> None:
    job(home, status="ready", end_date=esi(NOW - 60))
    home.sql("UPDATE sync_schedule SET enabled = 0 WHERE process_type = 'manufacturing'")

    assert home.look("job_ready") == ()


def test_a_division_may_have_a_floor_of_its_own(home: Home) -> None:
    home.put("wallet_balance", division=3, balance=49.0)
    (item,) = home.look("wallet_floor")

    assert "Wallet 3 holds 49.00, less than 50.00" in item.sentence


def test_nothing_is_overdue_while_the_schedule_is_paused(home: Home) -> None:
    due(home, NOW - HOUR)
    home.sql("INSERT INTO setting VALUES ('schedule_paused', 'true')")

    assert home.look("overdue") == ()


def test_the_most_urgent_comes_first(home: Home) -> None:
    member(home, logon_date=esi(NOW - 91 * DAY))
    job(home, status="ready", end_date=esi(NOW - 60))
    status(home, "wallet", needs="login", failing_since=1.0)
    with opened(home.path) as db:
        found = evaluate_rules(db, RuleBook(ALL, defaults()), NOW)
        listed = listed_alerts(db, found.alerts, (), NOW)

    assert [a.level for a in listed] == ["high", "medium", "low"]
    assert [a.process_id for a in listed] == [
        f"{CORPORATION}/{t}" for t in ("wallet", "manufacturing", "members")
    ]


def began(home: Home, table: str, seconds: float) -> None:
    """The first load of a table ended then."""
    home.put("change_start", table_name=table, time=seconds)


def test_a_withdrawal_says_where_its_party_was_never_paid_before(home: Home) -> None:
    journal(home, id=1, amount=-5.0, second_party_id=8, date="2020-01-01T00:00:00Z")
    journal(home, id=2, amount=-2e9, second_party_id=8)
    journal(home, id=3, amount=-3e9, second_party_id=9)
    first = ", the first to them in the journal"

    found = {item.row_key["id"]: item.sentence for item in home.look("withdrawal") if item.row_key}
    assert [found[n].endswith(first) for n in (2, 3)] == [False, True]


def test_isk_moved_between_own_divisions_is_no_withdrawal(home: Home) -> None:
    own = {"first_party_id": CORPORATION, "second_party_id": CORPORATION}
    journal(home, amount=-5e9, **own)
    journal(home, amount=-2e9, id=2, first_party_id=CORPORATION, second_party_id=8)

    assert [item.row_key for item in home.look("withdrawal")] == [{"division": 1, "id": 2}]


def test_a_blueprint_copy_is_worth_a_hundredth_of_its_original(home: Home) -> None:
    killmail(home)
    original, copied = '"singleton": 0', '"singleton": 2'
    home.sql("UPDATE killmail SET victim = replace(victim, ?, ?)", original, copied)
    (item,) = home.look("loss", loss=50_000_000)

    assert "worth 60.6 M" in item.sentence


def test_a_loss_is_valued_at_market_prices_where_there_are_any(home: Home) -> None:
    killmail(home)
    home.sql("INSERT INTO market_price (type_id, average_price) VALUES (587, 1e9)")
    (item,) = home.look("loss")

    assert "worth 2.0 B" in item.sentence


def test_a_member_who_never_logged_in_is_absent_when_long_enough_here(home: Home) -> None:
    member(home, start_date=esi(NOW - 91 * DAY))
    member(home, character_id=8, start_date=esi(NOW - 9 * DAY))
    (item,) = home.look("absent")

    assert item.sentence == "Character 7 has not logged in at all"


@pytest.mark.parametrize("state", ["cancelled", "fractured", "decayed"])
def test_a_chunk_that_is_gone_does_not_arrive(home: Home, state: str) -> None:
    extraction(home, 5 * HOUR)
    home.sql("UPDATE mining_extraction SET state = ?", state)

    assert home.look("extraction") == ()


def test_nobody_is_called_new_to_a_container_in_the_first_two_weeks(home: Home) -> None:
    began(home, "container_log", NOW - 13 * DAY)
    with_history(lambda h: container(h, 2))(home)
    assert home.look("container") == ()

    home.now += 2 * DAY
    assert home.look("container") == ()
    container(home, 3)
    (item,) = home.look("container")
    assert item.sentence.startswith("Character 3 added")


FIRST_LOADS = {"withdrawal": "wallet_journal", "journal_gap": "wallet_journal", "loss": "killmail"}
HAPPENED = [case for case in CASES if case.rule in FIRST_LOADS]


@pytest.mark.parametrize("case", HAPPENED, ids=lambda case: case.rule)
def test_what_happened_before_the_first_load_is_no_news(home: Home, case: Case) -> None:
    insert_run(home.path, "wallet")
    insert_run(home.path, "killmails")
    case.happens(home)
    assert home.look(case.rule) == ()  # the first load is under way

    began(home, FIRST_LOADS[case.rule], NOW - 60)
    assert home.look(case.rule) == ()
    home.sql("UPDATE change_start SET time = ?", NOW - 2 * HOUR)
    assert len(home.look(case.rule)) == 1
