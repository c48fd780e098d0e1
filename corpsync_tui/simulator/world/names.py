"""Names made of syllables that sound like New Eden."""

from random import Random

_FIRST = (
    *("Al", "Ar", "Bel", "Cor", "Dra", "El", "Fa", "Ga", "Ha", "Il", "Jo", "Ka", "Kor", "La"),
    *("Li", "Ma", "Mir", "Na", "No", "Or", "Pa", "Ra", "Ri", "Sa", "Se", "Ta", "Te", "Ur"),
)
_MIDDLE = ("a", "e", "i", "o", "u", "ai", "ar", "en", "il", "on", "os", "und", "ir", "ora", "uma")
_LAST = ("dra", "kin", "lan", "mar", "na", "nen", "ra", "rek", "ris", "san", "ten", "tor", "vik")
_FAMILY = (
    *("Vex", "Sarum", "Kador", "Ardishapur", "Oikonen", "Haatakan", "Roden", "Aldent"),
    *("Moravaska", "Tuvan", "Krullefor", "Esedeko", "Sukuuvestaa", "Brutus", "Malkor"),
    *("Tash-Murkon", "Virpio", "Ynneri", "Aurilen", "Sasken", "Dorrin", "Keikaken", "Hakoke"),
)
_CORPORATION = (
    *("Astral", "Iron", "Silent", "Crimson", "Northern", "Obsidian", "Deep", "Solar", "Veiled"),
    *("Amber", "Ninth", "Rusted", "Polar", "Lost"),
)
_BUSINESS = (
    *("Syndicate", "Mining Cooperative", "Trading House", "Logistics", "Heavy Industries"),
    *("Militia", "Salvage Crew", "Research Division", "Expeditionary Fleet", "Holdings"),
)
_SHIP = (
    *("Patience", "Second Wind", "Red Ledger", "Morning Star", "Long Haul", "Quiet Profit"),
    *("Tritanium Dreams", "Border Line", "Old Reliable", "Margin Call", "Sleeper's Rest"),
    *("Paperwork", "Cold Coffee", "Ten Percent"),
)
_CONTAINER = (
    *("Minerals", "Fits - Doctrine", "Salvage", "Loot to sort", "Fuel", "Moon goo", "Ammo"),
    *("T2 components", "Drones", "BPC library", "Buyback", "SRP hulls", "Reserves", "PI goods"),
)


def person(rng: Random) -> str:
    """A character's name."""
    first = rng.choice(_FIRST) + rng.choice(_MIDDLE) + rng.choice(_LAST)
    return f"{first} {rng.choice(_FAMILY)}"


def corporation(rng: Random) -> str:
    """A corporation's name."""
    return f"{rng.choice(_CORPORATION)} {rng.choice(_FAMILY)} {rng.choice(_BUSINESS)}"


def ship(rng: Random) -> str:
    """What a pilot calls a ship."""
    return f"{rng.choice(_SHIP)} {rng.choice(('I', 'II', 'III', 'IV', 'VII', '9'))}"


def container(rng: Random) -> str:
    """What a director writes on a container."""
    return f"{rng.choice(_CONTAINER)} {rng.randint(1, 9)}"
