"""Who holds which roles and titles, and who gave them to whom."""

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_GIVEN = (
    ("Hangar_Take_1", "Hangar_Query_1", "Container_Take_1"),
    ("Factory_Manager", "Rent_Factory_Facility"),
    ("Station_Manager", "Config_Equipment", "Starbase_Fuel_Technician"),
    ("Accountant", "Junior_Accountant", "Trader"),
    ("Personnel_Manager", "Communications_Officer"),
    ("Project_Manager",),
    ("Hangar_Take_3", "Hangar_Take_4", "Hangar_Query_3", "Security_Officer"),
)
_DANGEROUS = ("Director", "Personnel_Manager", "Station_Manager", "Hangar_Take_1", "Accountant")
_LISTS = tuple(
    f"{kind}{place}"
    for kind in ("roles", "grantable_roles")
    for place in ("", "_at_base", "_at_hq", "_at_other")
)
_PLAIN_MEMBERS = 6
"""The first members, whose roles tests give and take."""
_TITLES = ("Founder", "Director", "Banker", "Builder", "Hauler", "Line Member", "Recruit")


def _fill(world: World, corporation: Corporation, _scale: Scale) -> None:
    """A third of the members have roles, half a title; a month of roles given and taken."""
    corporation.tables["title"][ONLY] = [
        {
            "name": name,
            "roles": list(_GIVEN[number % len(_GIVEN)]) if number < 5 else [],
            "title_id": 1 << number,
        }
        for number, name in enumerate(_TITLES)
    ]
    for number in world.members(corporation)[_PLAIN_MEMBERS:]:
        character = world.characters[number]
        if world.rng.random() < 0.35:
            character.roles = list(world.rng.choice(_GIVEN))
        if world.rng.random() < 0.15:
            character.other_roles = {
                "roles_at_base": ["Hangar_Query_2", "Hangar_Take_2"],
                "grantable_roles": ["Hangar_Take_2"],
            }
        if world.rng.random() < 0.5:
            character.titles = [1 << world.rng.randrange(1, len(_TITLES))]
    world.characters[corporation.ceo_id].titles = [1]
    ages = sorted(world.rng.uniform(0.1, 29) * DAY for _ in range(12))
    corporation.tables["role_change"][ONLY] = [
        _change_row(world, corporation, age, [], list(world.rng.choice(_GIVEN))) for age in ages
    ]


def _change_row(
    world: World,
    corporation: Corporation,
    age: float,
    old: list[str],
    new: list[str],
    member: int | None = None,
) -> Row:
    return {
        "changed_at": iso(world.clock.now() - age),
        "character_id": member or world.rng.choice(world.members(corporation)),
        "issuer_id": corporation.ceo_id,
        "new_roles": new,
        "old_roles": old,
        "role_type": "roles",
    }


def _held(world: World, _corporation: Corporation, row: Row) -> Row:
    """All that a member may do."""
    character = world.characters[row["character_id"]]
    held: Row = {"character_id": row["character_id"], **{name: [] for name in _LISTS}}
    return held | character.other_roles | {"roles": list(character.roles)}


def _given(world: World, corporation: Corporation, row: Row) -> Row:
    """A role is given, or taken where it is there; the history says so."""
    character = world.characters[row["character_id"]]
    before = list(character.roles)
    # The director must stay one, or nobody could log in.
    role = world.rng.choice([name for name in _DANGEROUS if name != "Director"])
    after = [name for name in before if name != role] if role in before else [*before, role]
    character.roles = after
    history = corporation.rows("role_change")
    history.insert(0, _change_row(world, corporation, 0, before, after, character.character_id))
    return row


def _titled(world: World, _corporation: Corporation, row: Row) -> Row:
    character = world.characters[row["character_id"]]
    others = [1 << n for n in range(1, len(_TITLES)) if 1 << n not in character.titles]
    character.titles = [world.rng.choice(others)]
    return row


def _titles_of(world: World, _corporation: Corporation, row: Row) -> Row:
    number = row["character_id"]
    return {"character_id": number, "titles": list(world.characters[number].titles)}


def _new_title(world: World, corporation: Corporation, _unit: Unit) -> Row:
    highest = max((row["title_id"] for row in corporation.rows("title")), default=1)
    return {"name": f"Title {world.rng.randint(1, 999)}", "roles": [], "title_id": highest * 2}


def _new_change(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """A role is given to somebody; it is there from now on."""
    members = world.members(corporation)
    member = world.rng.choice(members[_PLAIN_MEMBERS:] or members)
    character = world.characters[member]
    before = list(character.roles)
    free = [role for roles in _GIVEN for role in roles if role not in before]
    after = [*before, world.rng.choice(free)] if free else []
    character.roles = after
    return _change_row(world, corporation, 0, before, after, member)


def _personnel(ask: Ask) -> list[Row]:
    """Only who may give roles may see them (esi-issues#1386)."""
    roles = set(ask.character.roles) if ask.character else set()
    if not roles & {"Director", "Personnel_Manager"}:
        raise EsiError(403, "Character does not have required role(s)")
    corporation = ask.corporation
    return [_held(ask.world, corporation, row) for row in corporation.rows("member")]


def _give(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "role_change").add(1)


def _retitle(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "member_title").change(1)


_C = "/corporations/{corporation_id}"
_ROLES = f"{_C}/roles"
DATA_SET = DataSet(
    tables=(
        Table(
            "member_role",
            _ROLES,
            "snapshot",
            key=("character_id",),
            source="member",
            tell=_held,
            alter=_given,
        ),
        Table(
            "role_change",
            f"{_ROLES}/history",
            "log",
            key=(),
            make=_new_change,
            newest_first=True,
            kept=300,
        ),
        Table("title", f"{_C}/titles", "snapshot", key=("title_id",), make=_new_title),
        Table(
            "member_title",
            f"{_C}/members/titles",
            "snapshot",
            key=("character_id",),
            source="member",
            tell=_titles_of,
            alter=_titled,
        ),
    ),
    events=(Event(_give, 1), Event(_retitle, 1)),
    feeds={_ROLES: _personnel},
    fill=_fill,
    order=15,
)
