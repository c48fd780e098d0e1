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


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "just words",
        "- a\n- b",
        "a: [",
        "a: !!python/object/apply:os.system ['true']",
        "a: &a [x, x]\nb: *a",
        "a: " + "[" * 5_000,
        "a: " + "x" * LONGEST,
        "a: 2026-99-99T00:00:00Z",
    ],
)
def test_what_is_no_notification_has_no_fields(text: str | None) -> None:
    assert read_notice(text) == {}
