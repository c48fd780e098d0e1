"""Item types with EVE's own ids and names, grouped by what the corporation does with them."""

_TABLE: dict[str, dict[int, str]] = {
    "mineral": {
        34: "Tritanium",
        35: "Pyerite",
        36: "Mexallon",
        37: "Isogen",
        38: "Nocxium",
        39: "Zydrine",
        40: "Megacyte",
        11399: "Morphite",
    },
    "ore": {
        18: "Plagioclase",
        19: "Spodumain",
        20: "Kernite",
        21: "Hedbergite",
        22: "Arkonor",
        1223: "Bistot",
        1224: "Pyroxeres",
        1225: "Crokite",
        1226: "Jaspet",
        1227: "Omber",
        1228: "Scordite",
        1229: "Gneiss",
        1230: "Veldspar",
        1231: "Hemorphite",
        1232: "Dark Ochre",
        11396: "Mercoxit",
    },
    "moon_ore": {
        45490: "Zeolites",
        45491: "Sylvite",
        45492: "Bitumens",
        45493: "Coesite",
        45494: "Cobaltite",
        45495: "Euxenite",
        45496: "Titanite",
        45497: "Scheelite",
        45498: "Otavite",
        45499: "Sperrylite",
        45500: "Vanadinite",
        45501: "Chromite",
    },
    "supply": {
        16272: "Heavy Water",
        16273: "Liquid Ozone",
        16274: "Helium Isotopes",
        16275: "Strontium Clathrates",
        17887: "Oxygen Isotopes",
        17888: "Nitrogen Isotopes",
        17889: "Hydrogen Isotopes",
        4051: "Nitrogen Fuel Block",
        4246: "Hydrogen Fuel Block",
        4247: "Helium Fuel Block",
        4312: "Oxygen Fuel Block",
        16633: "Hydrocarbons",
        16634: "Atmospheric Gases",
        16635: "Evaporite Deposits",
        16636: "Silicates",
        28668: "Nanite Repair Paste",
        44992: "PLEX",
        40519: "Skill Extractor",
        40520: "Large Skill Injector",
    },
    "module": {
        438: "1MN Afterburner II",
        448: "Warp Scrambler II",
        482: "Miner II",
        519: "Gyrostabilizer II",
        527: "Stasis Webifier II",
        1319: "Expanded Cargohold II",
        1405: "Inertial Stabilizers II",
        1999: "Tracking Enhancer II",
        2032: "Cap Recharger II",
        2046: "Damage Control I",
        2048: "Damage Control II",
        2281: "Multispectrum Shield Hardener II",
        2364: "Heat Sink II",
        2410: "Heavy Missile Launcher II",
        2605: "Nanofiber Internal Structure II",
        2889: "200mm AutoCannon II",
        2913: "425mm AutoCannon II",
        3244: "Warp Disruptor II",
        3831: "Medium Shield Extender II",
        3841: "Large Shield Extender II",
        4405: "Drone Damage Amplifier II",
        10190: "Magnetic Field Stabilizer II",
        12058: "10MN Afterburner II",
        12076: "50MN Microwarpdrive II",
        17482: "Strip Miner I",
        22291: "Ballistic Control System II",
        28576: "Mining Laser Upgrade II",
    },
    "charge": {
        193: "EMP M",
        201: "EMP L",
        209: "Scourge Heavy Missile",
        230: "Antimatter Charge M",
        2183: "Hammerhead I",
        2185: "Hammerhead II",
        2446: "Ogre II",
        2454: "Hobgoblin I",
        2456: "Hobgoblin II",
        2488: "Warrior II",
    },
    "ship": {
        583: "Condor",
        587: "Rifter",
        593: "Tristan",
        594: "Incursus",
        597: "Punisher",
        602: "Kestrel",
        603: "Merlin",
        605: "Heron",
        620: "Osprey",
        621: "Caracal",
        626: "Vexor",
        627: "Thorax",
        629: "Rupture",
        638: "Raven",
        641: "Megathron",
        645: "Dominix",
        648: "Badger",
        649: "Tayra",
        652: "Mammoth",
        655: "Epithal",
        656: "Miasmos",
        657: "Iteron Mark V",
        1944: "Bestower",
        12005: "Ishtar",
        16227: "Ferox",
        16229: "Brutix",
        16236: "Coercer",
        16238: "Cormorant",
        16240: "Catalyst",
        16242: "Thrasher",
        17476: "Covetor",
        17478: "Retriever",
        17480: "Procurer",
        17715: "Gila",
        20185: "Charon",
        20187: "Obelisk",
        22456: "Sabre",
        22544: "Hulk",
        22546: "Skiff",
        22548: "Mackinaw",
        24688: "Rokh",
        24690: "Hyperion",
        24692: "Abaddon",
        24694: "Maelstrom",
        24696: "Harbinger",
        24698: "Drake",
        24700: "Myrmidon",
        24702: "Hurricane",
        28606: "Orca",
        32880: "Venture",
        42244: "Porpoise",
    },
    "blueprint": {
        2047: "Damage Control I Blueprint",
        2184: "Hammerhead I Blueprint",
        2455: "Hobgoblin I Blueprint",
        16228: "Ferox Blueprint",
        16230: "Brutix Blueprint",
        16239: "Cormorant Blueprint",
        16241: "Catalyst Blueprint",
        16243: "Thrasher Blueprint",
        17477: "Covetor Blueprint",
        17479: "Retriever Blueprint",
        20188: "Obelisk Blueprint",
        24689: "Rokh Blueprint",
        24699: "Drake Blueprint",
        24701: "Myrmidon Blueprint",
        24703: "Hurricane Blueprint",
    },
    "container": {
        3465: "Large Secure Container",
        11488: "Huge Secure Container",
        11489: "Giant Secure Container",
        17366: "Station Container",
        17367: "Station Vault Container",
        17368: "Station Warehouse Container",
        24445: "Giant Freight Container",
    },
    "structure": {
        35825: "Raitaru",
        35826: "Azbel",
        35832: "Astrahus",
        35833: "Fortizar",
        35835: "Athanor",
        35836: "Tatara",
    },
    "other": {27: "Office", 60: "Asset Safety Wrap", 670: "Capsule"},
}

OFFICE = 27
"""The type of a rented office, which is an item that holds the hangars."""
CAPSULE = 670
ATHANOR = 35835
TATARA = 35836

TYPE_NAMES: dict[int, str] = {
    type_id: name for group in _TABLE.values() for type_id, name in group.items()
}
"""Every type the world knows, by id."""

MINERALS = tuple(_TABLE["mineral"])
ORES = tuple(_TABLE["ore"])
MOON_ORES = tuple(_TABLE["moon_ore"])
SUPPLIES = tuple(_TABLE["supply"])
MODULES = tuple(_TABLE["module"])
CHARGES = tuple(_TABLE["charge"])
SHIPS = tuple(_TABLE["ship"])
BLUEPRINTS = tuple(_TABLE["blueprint"])
CONTAINERS = tuple(_TABLE["container"])

STACKABLE = MINERALS + ORES + SUPPLIES + MODULES + CHARGES
"""What lies about in stacks."""


def product_of(blueprint_type_id: int) -> int:
    """The type that a blueprint of the table makes: its id is one lower."""
    return blueprint_type_id - 1


def rough_price(type_id: int) -> float:
    """An ISK price that is about right for the kind of thing."""
    if type_id in MINERALS:
        return 4.2 * (type_id - 33) ** 2
    if type_id in SHIPS:
        return 900_000.0 + type_id * 2_500.0
    if type_id in BLUEPRINTS:
        return 2_000_000.0 + type_id * 900.0
    return 120.0 + (type_id % 997) * 310.0
