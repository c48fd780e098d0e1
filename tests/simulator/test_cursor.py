"""Cursor paging: the newest first, older ones with `before`, what changed since with `after`."""

from typing import Any

import pytest

from tests.simulator.conftest import C, Guest

PROJECTS = f"{C}/projects"
WORKERS = f"{PROJECTS}/{{project_id}}/contributors"


@pytest.fixture
def director(director: Guest) -> Guest:
    """A director whose corporation has twenty-nine projects."""
    director.simulator.mutate("project", add=17)
    return director


def ids(document: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["id"] for row in document["projects"]]


def test_before_leads_through_all_to_an_empty_end(director: Guest) -> None:
    page = director.get(PROJECTS, state="All").json()
    assert len(page["projects"]) == 10
    seen: list[str] = []
    while page["projects"]:
        seen = [*ids(page), *seen]
        page = director.get(PROJECTS, state="All", before=page["cursor"]["before"]).json()
    assert page == {"projects": []}
    assert len(seen) == len(set(seen)) == 29
    assert set(seen) == {row["id"] for row in director.simulator.truth("project")}


def test_after_gives_what_changed_since_as_it_is_now(director: Guest) -> None:
    cursor = director.get(PROJECTS, state="All", limit=100).json()["cursor"]
    assert director.get(PROJECTS, state="All", after=cursor["after"]).json() == {"projects": []}
    before = {row["id"]: row for row in director.simulator.truth("project")}
    director.simulator.mutate("project", change=2, add=1)
    page = director.get(PROJECTS, state="All", after=cursor["after"]).json()
    now = {row["id"]: row for row in director.simulator.truth("project")}
    assert set(ids(page)) == {key for key in now if now[key] != before.get(key)}
    assert len(page["projects"]) == 3
    assert page["projects"][-1] == {
        name: value for name, value in now[ids(page)[-1]].items() if value is not None
    }
    again = director.get(PROJECTS, state="All", after=page["cursor"]["after"]).json()
    assert again["projects"] == []


def test_zero_is_the_beginning_and_the_end(director: Guest) -> None:
    newest = director.get(PROJECTS, state="All").json()
    assert director.get(PROJECTS, state="All", before="0").json() == newest
    oldest = director.get(PROJECTS, state="All", after="0").json()
    assert not set(ids(oldest)) & set(ids(newest))


def test_only_active_ones_unless_all_are_asked_for(director: Guest) -> None:
    active = director.get(PROJECTS, limit=100).json()["projects"]
    everything = director.get(PROJECTS, limit=100, state="All").json()["projects"]
    assert {row["state"] for row in active} == {"Active"}
    assert {row["state"] for row in everything} > {"Active"}


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 9},
        {"limit": 101},
        {"limit": "many"},
        {"after": "no cursor"},
        {"after": "0", "before": "0"},
        {"state": "Some"},
    ],
)
def test_what_cannot_be_asked_is_400(director: Guest, query: dict[str, Any]) -> None:
    assert director.get(PROJECTS, **query).status_code == 400


def test_nobody_is_told_the_place_in_the_order(director: Guest) -> None:
    for path in (PROJECTS, WORKERS, f"{PROJECTS}/{{project_id}}"):
        assert "_order" not in director.get(path).text


def test_detail_says_what_the_list_says(director: Guest) -> None:
    director.simulator.mutate("project", change=5)
    listed = director.get(PROJECTS, limit=100).json()["projects"]
    detail = director.get(f"{PROJECTS}/{listed[0]['id']}").json()
    assert listed[0].items() <= detail.items()
    workers = director.get(f"{PROJECTS}/{listed[0]['id']}/contributors", limit=100).json()
    told = [row for row in workers["contributors"] if row["contributed"]]
    assert all(row["name"] for row in told)


def test_a_project_that_went_is_404(director: Guest) -> None:
    gone = director.simulator.truth("project")[0]["id"]
    director.simulator.mutate("project", remove="all")
    assert director.get(f"{PROJECTS}/{gone}").status_code == 404
    assert director.get(f"{PROJECTS}/{gone}/contributors").status_code == 404
    assert gone in {row["id"] for row in director.simulator.truth("project_detail")}
