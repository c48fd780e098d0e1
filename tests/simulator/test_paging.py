"""Pages and from_id."""

import pytest

from tests.simulator.conftest import ASSETS, TRANSACTIONS, Guest


def test_pages_together_are_the_whole_table(director: Guest) -> None:
    first = director.get(ASSETS)
    assert first.headers["X-Pages"] == "3"
    rows = [row for page in (1, 2, 3) for row in director.get(ASSETS, page=page).json()]
    expected = director.simulator.truth("asset")
    assert [row["item_id"] for row in rows] == [row["item_id"] for row in expected]
    assert len(first.json()) == 100


def test_page_past_the_last_is_404_and_no_page_at_all_is_400(director: Guest) -> None:
    assert director.get(ASSETS, page=4).status_code == 404
    assert director.get(ASSETS, page=0).status_code == 400
    assert director.get(ASSETS, page="two").status_code == 400


def test_empty_table_has_one_empty_page(director: Guest) -> None:
    director.simulator.mutate("asset", remove="all")
    answer = director.get(ASSETS)
    assert (answer.json(), answer.headers["X-Pages"]) == ([], "1")


def test_from_id_goes_back_and_includes_that_row(director: Guest) -> None:
    page = director.get(TRANSACTIONS).json()
    ids = [row["transaction_id"] for row in page]
    assert len(ids) == 25
    assert ids == sorted(ids, reverse=True)
    seen = list(ids)
    while len(page) > 1:
        page = director.get(TRANSACTIONS, from_id=seen[-1]).json()
        assert page[0]["transaction_id"] == seen[-1]
        seen += [row["transaction_id"] for row in page[1:]]
    expected = director.simulator.truth("wallet_transaction")
    assert seen == [row["transaction_id"] for row in expected if row["division"] == 1]


def test_jobs_without_completed_ones_unless_asked(director: Guest) -> None:
    jobs = "/corporations/{corporation_id}/industry/jobs"
    without = {row["status"] for row in director.get(jobs).json()}
    with_all = director.get(jobs, include_completed="true").json()
    assert "delivered" not in without
    assert "delivered" in {row["status"] for row in with_all}
    assert len(with_all) == len(director.simulator.truth("industry_job"))


def test_unknown_division_observer_corporation_and_path_are_404(director: Guest) -> None:
    corporation = director.simulator.corporation_id
    for path in (
        f"/corporations/{corporation}/wallets/8/journal",
        f"/corporation/{corporation}/mining/observers/1",
        "/corporations/1",
        "/corporations/98000001/assets/",
    ):
        answer = director.get(path)
        assert (answer.status_code, list(answer.json())) == (404, ["error"])


@pytest.mark.parametrize("bad", [[], [34, 34], list(range(1, 1002)), ["34"], {"ids": [34]}, [34.5]])
def test_names_refuse_what_the_document_refuses(director: Guest, bad: list[int]) -> None:
    assert director.post("/universe/names", bad).status_code == 400


def test_names_refuse_the_whole_batch_for_one_unknown_id(director: Guest) -> None:
    assert director.post("/universe/names", [34, 35]).status_code == 200
    assert director.post("/universe/names", [34, 35, 99]).status_code == 404


def test_asset_names_say_none_for_unnamed_and_refuse_unknown(director: Guest) -> None:
    assets = {row["item_id"]: row for row in director.simulator.truth("asset")}
    single = [number for number, row in assets.items() if row["is_singleton"]]
    answer = director.post(f"{ASSETS}/names", single).json()
    told = {row["item_id"]: row["name"] for row in answer}
    assert told == {number: assets[number]["name"] or "None" for number in single}
    assert director.post(f"{ASSETS}/names", [*single, 7]).status_code == 404


def test_structures_without_docking_access_are_403(director: Guest) -> None:
    places = director.simulator.state.world.structures.values()
    closed = next(place for place in places if not place.docking)
    assert director.get("/universe/structures/{structure_id}").status_code == 200
    assert director.get(f"/universe/structures/{closed.structure_id}").status_code == 403
    assert director.get("/universe/structures/1").status_code == 404
