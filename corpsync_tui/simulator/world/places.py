"""Solar systems, regions and NPC stations with EVE's own ids and names."""

REGIONS = {
    10000002: "The Forge",
    10000030: "Heimatar",
    10000032: "Sinq Laison",
    10000042: "Metropolis",
    10000043: "Domain",
}

SYSTEMS = {
    30000138: "Ikuchi",
    30000139: "Urlen",
    30000140: "Maurasi",
    30000141: "Kisogo",
    30000142: "Jita",
    30000143: "Niyabainen",
    30000144: "Perimeter",
    30000145: "New Caldari",
    30000146: "Saisio",
    30000147: "Abagawa",
    30000148: "Jakanerva",
    30002053: "Hek",
    30002187: "Amarr",
    30002510: "Rens",
    30002537: "Amamake",
    30002659: "Dodixie",
    30002768: "Uedama",
    30002813: "Tama",
}

STATIONS = {
    60003760: "Jita IV - Moon 4 - Caldari Navy Assembly Plant",
    60004588: "Rens VI - Moon 8 - Brutor Tribe Treasury",
    60005686: "Hek VIII - Moon 12 - Boundless Creation Factory",
    60008494: "Amarr VIII (Oris) - Emperor Family Academy",
    60011866: "Dodixie IX - Moon 20 - Federation Navy Assembly Plant",
}

STATION_REGION = {
    60003760: 10000002,
    60004588: 10000030,
    60005686: 10000042,
    60008494: 10000043,
    60011866: 10000032,
}

JITA_STATION = 60003760
