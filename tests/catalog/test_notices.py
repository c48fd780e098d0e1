"""The YAML of notifications: read as plain values, and harmless whatever it says."""

import pytest

from corpsync_tui.catalog.kit.notices import LONGEST, read_notice


def test_fields_are_plain_values() -> None:
    text = "solarSystemID: 30000142\noreVolumeByType:\n  45510: 1000.5\nlistOfTypes: [[1, 2]]\n"

    assert read_notice(text) == {
        "solarSystemID": 30000142,
        "oreVolumeByType": {45510: 1000.5},
        "listOfTypes": [[1, 2]],
    }


def test_what_an_anchor_names_is_a_plain_value_as_ccp_writes_structures() -> None:
    text = "structureID: &id001 1035\nstructureShowInfoData:\n- showinfo\n- 35832\n- *id001\n"

    assert read_notice(text) == {
        "structureID": 1035,
        "structureShowInfoData": ["showinfo", 35832, 1035],
    }


def test_anchors_within_anchors_stay_small() -> None:
    lists = [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 200)]
    found = read_notice("\n".join(["a0: &a0 [x]", *lists]))

    assert found["a199"][0][0] is found["a198"][1]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "just words",
        "- a\n- b",
        "a: [",
        "a: !!python/object/apply:os.system ['true']",
        "a: *b",
        "a: &a {x: 1}\nb: {<<: *a}",
        "\n".join(
            f"a{n}: &a{n} " + ("{x: 1}" if n == 0 else f"{{<<: [*a{n - 1}, *a{n - 1}]}}")
            for n in range(99)
        ),
        "a: " + "[" * 5_000,
        "a: " + "x" * LONGEST,
        "a: 2026-99-99T00:00:00Z",
    ],
)
def test_what_is_no_notification_has_no_fields(text: str | None) -> None:
    assert read_notice(text) == {}
