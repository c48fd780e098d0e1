"""The wallet's board: sums by month and kind, moves inside, gaps, runway."""

import sqlite3

import pytest

from corpsync_tui.boards import find_board
from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.ref_types import BY_SIGN, KINDS
from corpsync_tui.service.boards import read_page
from tests.boards.support import C, empty_database, put, read, seconds
from tests.support.openapi import answer_schema, resolved

NOW = "2026-11-28T21:57"


def row(id_: int, amount: float, balance: float, **values: object) -> dict[str, object]:
    return {
        "id": id_,
        "division": 1,
        "date": "2026-11-20T10:00:00Z",
        "ref_type": "bounty_prizes",
        "amount": amount,
        "balance": balance,
        **values,
    }


def test_sums_stand_by_month_kind_word_and_division() -> None:
    with empty_database() as db:
        put(
            db,
            "wallet_journal",
            row(1, 10.5, 10.5),
            row(2, 7.5, 18.0),
            row(5, -3.0, 15.0),
            row(3, -5.0, 10.0, ref_type="market_transaction"),
            row(4, 7.0, 7.0, division=2, date="2026-10-31T23:59:59Z", ref_type="player_donation"),
        )
        result = read(db, "wallet", NOW)

    assert [
        (r["month"], r["kind"], r["ref_type"], r["division"], r["amount"], r["count"])
        for r in result.rows
    ] == [
        ("2026-10", "donations", "player_donation", 2, 7.0, 1),
        ("2026-11", "bounties", "bounty_prizes", 1, 15.0, 3),
        ("2026-11", "purchases", "market_transaction", 1, -5.0, 1),
    ]
    assert result.summary["net"] == 17.0


def test_isk_between_own_divisions_is_counted_once_and_in_no_other_sum() -> None:
    own = {"first_party_id": C, "second_party_id": C, "ref_type": "corporation_account_withdrawal"}
    with empty_database() as db:
        put(
            db,
            "wallet_journal",
            row(1, -5e9, 0.0, **own),
            row(2, 5e9, 5e9, division=2, **own),
            row(3, 1.0, 1.0),
        )
        summary = read(db, "wallet", NOW).summary

    assert summary["inside"] == 5e9
    assert summary["net"] == 1.0


def test_a_journal_without_a_gap_has_none_and_a_missing_row_is_one() -> None:
    with empty_database() as db:
        put(db, "wallet_journal", row(1, 10, 10), row(2, 5, 15), row(5, -1, 14))
        assert read(db, "wallet", NOW).summary["gaps"] == []
        db.execute("DELETE FROM wallet_journal WHERE id = 2")
        (gap,) = read(db, "wallet", NOW).summary["gaps"]

    assert gap == {"division": 1, "before_id": 1, "after_id": 5, "difference": 5.0}


def test_a_word_that_nobody_knows_is_listed_under_other() -> None:
    with empty_database() as db:
        put(db, "wallet_journal", row(1, 3.0, 3.0, ref_type="a_brand_new_word"))
        (found,) = read(db, "wallet", NOW).rows

    assert (found["kind"], found["ref_type"]) == ("other", "a_brand_new_word")


def test_every_word_of_the_document_is_listed_and_every_kind_is_made_of_them() -> None:
    """162 of them; those in no kind stand under “other” by name."""
    journal = answer_schema("/corporations/{corporation_id}/wallets/{division}/journal")
    words = resolved(journal["items"])["properties"]["ref_type"]["enum"]
    in_a_kind = {word for kind in KINDS.values() for word in kind} | set(BY_SIGN)
    with empty_database() as db:
        put(db, "wallet_journal", *(row(n, 1.0, n, ref_type=w) for n, w in enumerate(words, 1)))
        kinds = {found["ref_type"]: found["kind"] for found in read(db, "wallet", NOW).rows}

    assert len(words) == 162
    assert in_a_kind <= set(words)
    assert kinds.keys() == set(words)
    assert {word for word, kind in kinds.items() if kind == "other"} == set(words) - in_a_kind


def test_a_loss_tells_how_long_the_balance_lasts() -> None:
    with empty_database() as db:
        put(db, "wallet_balance", {"division": 1, "balance": 100.0})
        put(db, "wallet_journal", row(1, -30.0, 100.0))
        summary = read(db, "wallet", NOW).summary

    assert summary["runway_days"] == pytest.approx(100.0)


def test_the_screen_sets_months_beside_each_other() -> None:
    board = find_board("wallet")
    assert board.lay_out is not None
    with empty_database() as db:
        put(db, "wallet_journal", row(1, 10.0, 10.0), row(2, 2.0, 2.0, date="2026-10-02T00:00:00Z"))
        context = BoardContext(db, C, 1_795_903_020.0)
        columns, rows = board.lay_out(context, board.read(context))

    names = ["kind", "2026-10", "2026-11", "share", "course", "count"]
    assert [column.name for column in columns] == names
    bounties = {"2026-10": 2.0, "2026-11": 10.0, "share": 100.0, "course": "▂█", "count": 1}
    assert rows == [{"kind": "Bounties and ESS", **bounties}]


def test_the_screen_says_what_was_moved_inside_and_counts_it_in_no_sum() -> None:
    board = find_board("wallet")
    own = {"first_party_id": C, "second_party_id": C, "ref_type": "corporation_account_withdrawal"}
    with empty_database() as db:
        put(
            db,
            "wallet_journal",
            row(1, -5e9, 0.0, **own),
            row(2, 5e9, 5e9, division=2, **own),
            row(3, 100.0, 1.0),
            row(4, -25.0, 1.0, ref_type="brokers_fee"),
            row(5, -50.0, 1.0, ref_type="brokers_fee"),
            row(6, -25.0, 1.0, ref_type="office_rental_fee", date="2026-10-31T00:00:00Z"),
        )
        page = read_page(BoardContext(db, C, seconds(NOW)), "wallet", "")

    assert board.lay_out is not None
    assert [page.cells(found) for found in page.rows] == [
        ["Bounties and ESS", "–", "100.00", "100 %", " █", "1"],
        ["Fees and taxes", "–", "−75.00", "75 %", " █", "2"],
        ["Offices, sovereignty, bridges", "−25.00", "–", "25 %", "█ ", "0"],
        ["inside (not counted)", "–", "5.0 B", "–", " █", "–"],
    ]
    assert page.sums(page.rows) == ["", "−25.00", "25.00", "", "", ""]
    assert page.details[1] == ["brokers fee  −75.00  2 lines"]
    assert page.details[2] == page.details[3] == []


def test_the_screen_names_each_word_that_is_in_no_kind() -> None:
    board = find_board("wallet")
    assert board.lay_out is not None
    with empty_database() as db:
        put(
            db,
            "wallet_journal",
            row(1, 3.0, 3.0, ref_type="a_brand_new_word"),
            row(2, 4.0, 7.0, ref_type="another_word"),
            row(3, 5.0, 12.0),
        )
        context = BoardContext(db, C, seconds(NOW))
        _, rows = board.lay_out(context, board.read(context))

    assert [found["kind"] for found in rows] == [
        "Bounties and ESS",
        "Other: a brand new word",
        "Other: another word",
    ]


def test_each_member_has_his_bounties_before_tax_his_gifts_and_what_he_was_paid() -> None:
    with empty_database() as db:
        put(db, "corporation_info", {"tax_rates": '{"isk": 10.0, "loyalty_point": 5.0}'})
        put(db, "member", {"character_id": 7})
        put(
            db,
            "wallet_journal",
            row(1, 10.0, 10.0, second_party_id=7),
            row(2, 4.0, 14.0, ref_type="player_donation", first_party_id=7, second_party_id=C),
            row(3, -6.0, 8.0, ref_type="project_payouts", first_party_id=C, second_party_id=7),
            row(4, -1.0, 7.0, ref_type="brokers_fee", first_party_id=C, second_party_id=1_000_132),
            row(5, -2.0, 5.0, ref_type="market_transaction", first_party_id=C, second_party_id=7),
            row(6, -1.0, 4.0, ref_type="contract_price", first_party_id=C, second_party_id=7),
        )
        result = read(db, "wallet", NOW, "member")

    assert [dict(found) for found in result.rows] == [
        {
            "month": "2026-11",
            "character_id": 7,
            "bounties": 10.0,
            "before_tax": 100.0,
            "donated": 4.0,
            "paid": 6.0,
        }
    ]


PAYOUT = {"ref_type": "corporation_account_withdrawal", "first_party_id": C}


def three_months(db: sqlite3.Connection) -> None:
    """Two divisions, and payments to a pilot who is known and to others who are new."""
    put(db, "division", {"kind": "wallet", "division": 2, "name": "Industry"})
    put(db, "eve_name", {"id": 8, "name": "Raorarek Moravaska", "category": "character"})
    put(db, "wallet_balance", {"division": 1, "balance": 60.0}, {"division": 2, "balance": 40.0})
    put(
        db,
        "wallet_journal",
        row(1, 90.0, 90.0, date="2026-09-02T00:00:00Z"),
        row(2, -10.0, 80.0, date="2026-10-02T00:00:00Z", second_party_id=7, **PAYOUT),
        row(3, 70.0, 70.0, division=2, date="2026-10-02T00:00:00Z"),
        row(4, -20.0, 60.0, second_party_id=7, **PAYOUT),
        row(5, -30.0, 40.0, division=2, date="2026-11-27T03:12:00Z", second_party_id=8, **PAYOUT),
        row(6, -1.0, 39.0, division=2, second_party_id=9, first_party_id=C,
            ref_type="market_transaction"),
        row(7, 1.0, 40.0, division=2, second_party_id=9, ref_type="market_transaction"),
    )  # fmt: skip


def test_the_summary_says_this_month_s_net_and_how_many_journals_are_whole() -> None:
    with empty_database() as db:
        three_months(db)
        page = read_page(BoardContext(db, C, seconds(NOW)), "wallet", "")

    assert page.result.summary["month_net"] == -50.0
    assert page.summary == (
        "100.00 · Nov −50.00 net · 30 d −50.00 · lasts 60 d · ✓ no gap in 2 journals"
    )


def test_below_the_months_stands_what_the_wallets_held_at_their_end_and_its_course() -> None:
    with empty_database() as db:
        three_months(db)
        page = read_page(BoardContext(db, C, seconds(NOW)), "wallet", "")

    balance = page.rows[-1]
    assert balance["kind"] == "balance at the end"
    assert [balance[month] for month in ("2026-09", "2026-10", "2026-11")] == [90.0, 150.0, 100.0]
    assert balance["course"] == "▂█▃"
    assert page.sums(page.rows)[1:4] == ["90.00", "60.00", "−50.00"]


def test_the_pane_says_whom_this_month_paid_for_the_first_time_ever() -> None:
    first = "Raorarek Moravaska −30.00 on 27 Nov 03:12 from Industry: first payment ever"
    with empty_database() as db:
        three_months(db)
        context = BoardContext(db, C, seconds(NOW))
        page = read_page(context, "wallet", "")
        db.execute("DELETE FROM wallet_journal WHERE date < '2026-11'")
        begins_this_month = read_page(context, "wallet", "")

    said = {row["kind"]: lines for row, lines in zip(page.rows, page.details, strict=True)}
    assert said["Paid to members"] == ["corporation account withdrawal  −50.00  2 lines", first]
    assert sum(first in lines for lines in said.values()) == 1
    assert not any("ever" in line for lines in begins_this_month.details for line in lines)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("division", [["Master wallet", "90.00", "−10.00", "−20.00"],
                      ["Industry", "–", "70.00", "−30.00"]]),
        ("ref_type", [["bounty prizes", "90.00", "70.00", "–"],
                      ["corporation account withdrawal", "–", "−10.00", "−50.00"],
                      ["market transaction", "–", "–", "0.00"]]),
    ],
)  # fmt: skip
def test_months_stand_by_division_and_by_word_too(variant: str, expected: list[list[str]]) -> None:
    with empty_database() as db:
        three_months(db)
        page = read_page(BoardContext(db, C, seconds(NOW)), "wallet", variant)
        rows = page.result.rows

    assert [page.cells(found)[:4] for found in page.rows[:-1]] == expected
    assert sum(found["amount"] for found in rows) == 100.0
    assert page.rows[-1][variant] == "balance at the end"
