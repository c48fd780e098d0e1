"""Names made of syllables that sound like New Eden."""

from random import Random

_FIRST = (
    "Al Ar Bel Cor Dra El Fa Ga Ha Il Jo Ka Kor La Li Ma Mir Na No Or Pa Ra Ri Sa Se Ta Te Ur Va "
    "Vey Xa Yo Za"
).split()
_MIDDLE = "a e i o u ai ar en il on os und ir el ora ika uma ene".split()
_LAST = "dra kin lan mar na nen ra rek ris ro san sen ta ten tor vak ven vik zar xen".split()
_FAMILY = (
    "Vex Sarum Kador Ardishapur Oikonen Haatakan Roden Aldent Moravaska Tuvan Krullefor Esedeko "
    "Ishukone Sukuuvestaa Brutus Malkor Tash-Murkon Virpio Ynneri Aurilen Sasken Dorrin Keikaken "
    "Nakamura Hakoke Osmon Lanngisi Gultratren Eifer Uisper"
).split()
_CORPORATION = (
    "Astral Iron Silent Crimson Northern Obsidian Deep Solar Veiled Amber Ninth Rusted Polar Lost"
).split()
_BUSINESS = (
    "Syndicate|Mining Cooperative|Trading House|Logistics|Heavy Industries|Militia|Salvage Crew|"
    "Research Division|Expeditionary Fleet|Holdings|Foundry|Free Captains"
).split("|")
_SHIP = (
    "Patience|Second Wind|Red Ledger|Morning Star|Long Haul|Quiet Profit|Tritanium Dreams|"
    "Border Line|Old Reliable|Margin Call|Sleeper's Rest|Paperwork|Cold Coffee|Ten Percent"
).split("|")
_CONTAINER = (
    "Minerals|Fits - Doctrine|Salvage|Loot to sort|Fuel|Moon goo|T2 components|Ammo|Drones|"
    "BPC library|Buyback|SRP hulls|Reserves|Skillbooks|PI goods|To be hauled"
).split("|")


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
