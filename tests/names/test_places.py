"""The way to an asset, whatever its boxes say."""

import pytest

from corpsync_tui.names.places import Item, flag_in_words, place

NAMES = {60003760: "Jita IV - Moon 4", 17366: "Station Container", 587: "Rifter", 30000142: "Jita"}
OFFICE = Item(1, 27, 60003760, "OfficeFolder", None)
BOX = Item(2, 17366, 1, "CorpSAG2", "Spare parts")
ORE = Item(3, 34, 2, "Unlocked", None)


def way(item: Item, *others: Item, divisions: dict[int, str] | None = None) -> str:
    found = {other.item_id: other for other in others}
    return place(item, found.get, NAMES.get, divisions)


def test_the_whole_way() -> None:
    assert way(ORE, OFFICE, BOX) == (
        "Jita IV - Moon 4 › Office › Division 2 › Spare parts (Station Container)"
    )


def test_divisions_bear_the_corporations_names() -> None:
    assert way(BOX, OFFICE, divisions={2: "Industry"}) == "Jita IV - Moon 4 › Office › Industry"


def test_a_ship_in_space() -> None:
    ship = Item(4, 587, 30000142, "AutoFit", "Old Faithful")

    assert way(Item(5, 34, 4, "Cargo", None), ship) == "Jita › Old Faithful (Rifter) › Cargo hold"


def test_a_missing_parent_ends_the_way_there() -> None:
    assert way(ORE, BOX) == "Location 1 › Division 2 › Spare parts (Station Container)"


def test_an_unknown_structure_is_told_by_its_id() -> None:
    item = Item(6, 34, 1035000000001, "CorpDeliveries", None)

    assert way(item) == "Location 1035000000001 › Deliveries"


def test_a_cycle_does_no_harm() -> None:
    one = Item(7, 17366, 8, "Unlocked", None)
    two = Item(8, 17366, 7, "Unlocked", None)

    assert way(one, one, two) == "Station Container"
    assert way(Item(9, 34, 9, "Unlocked", None), Item(9, 34, 9, "Unlocked", None)) == ""


def test_boxes_in_boxes_without_end() -> None:
    boxes = [Item(n, 17366, n + 1, "Unlocked", None) for n in range(100, 200)]

    assert way(boxes[0], *boxes).count("Station Container") == 12


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("CorpSAG7", "Division 7"),
        ("HiSlot0", "Hi slot 0"),
        ("AssetSafety", "Asset safety"),
        ("SpecializedFuelBay", "Specialized fuel bay"),
        ("OfficeFolder", ""),
    ],
)
def test_flags_in_words(flag: str, words: str) -> None:
    assert flag_in_words(flag, {}) == words
