"""Corporation projects and freelance jobs: how far they are, what they pay, who works on them."""

from collections.abc import Callable
from uuid import UUID

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row, Rows
from corpsync_tui.simulator.world.model import DAY, ONLY, ORDER, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation, stamped
from corpsync_tui.simulator.world.table import TABLES, DataSet, Event, Table

_GOALS = (
    ("Ratting for the home fund", "Enforcer", "destroy_npc"),
    ("Ore for the shipyard", "Industrialist", "mine_material"),
    ("Hurricanes for doctrine", "Industrialist", "manufacture_item"),
    ("Fuel blocks to Delta", "Industrialist", "deliver_item"),
    ("Home defence", "Soldier of Fortune", "damage_ship"),
    ("Scan the constellation", "Explorer", "scan_signature"),
    ("Salvage after the fight", "Explorer", "salvage_wreck"),
)
_ENDS = ("Closed", "Completed", "Expired", "Deleted")


def _configuration(world: World, method: str) -> Row:
    where = [{"solar_system_id": world.rng.choice(sorted(places.SYSTEMS))}]
    item = [{"type_id": world.rng.choice(types.STACKABLE)}]
    details: dict[str, Row] = {
        "destroy_npc": {"locations": where},
        "mine_material": {"locations": where, "materials": item},
        "manufacture_item": {"items": item, "owner": "Corporation"},
        "deliver_item": {"items": item},
        "damage_ship": {"locations": where},
        "scan_signature": {"locations": where},
        "salvage_wreck": {"locations": where},
    }
    return {method: details[method]}


def _work(world: World, name: str, age: float, share: float, state: str) -> Row:
    """A project or job of this age in seconds, of which this share is done."""
    desired = world.rng.choice((50, 400, 2_000, 100_000))
    initial = float(world.rng.choice((0, 5e7, 4e8, 2e9)))
    row: Row = {
        "id": str(UUID(int=world.rng.getrandbits(128), version=4)),
        "last_modified": iso(world.clock.now() - age * world.rng.random()),
        "name": name,
        "progress": {"current": int(desired * share), "desired": desired},
        "state": state,
    }
    if initial:
        row["reward"] = {"initial": initial, "remaining": round(initial * (1 - share), 2)}
    return row


def _project(world: World, age: float, share: float, state: str) -> Row:
    goal = world.rng.choice(_GOALS)
    return _work(world, f"{goal[0]} {world.rng.randint(1, 40)}", age, share, state)


def _job(world: World, age: float, share: float, state: str) -> Row:
    return _work(world, f"Wanted: hands {world.rng.randint(1, 40)}", age, share, state)


def _fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Most run, the older ones have ended, in the order of their last change."""
    made: tuple[tuple[str, Callable[[World, float, float, str], Row], int], ...] = (
        ("project", _project, scale.projects),
        ("freelance_job", _job, max(3, scale.projects // 3)),
    )
    for table, make, count in made:
        rows: list[Row] = []
        for number in range(count):
            state = "Active" if number % 3 else world.rng.choice(_ENDS)
            share = 1.0 if state == "Completed" else world.rng.random() * 0.95
            rows.append(make(world, world.rng.uniform(1, 60) * DAY, share, state))
        rows.sort(key=lambda row: str(row["last_modified"]))
        corporation.tables[table][ONLY] = [stamped(world, TABLES[table], row) for row in rows]


def _detail(world: World, corporation: Corporation, row: Row) -> list[Row]:
    """What the list does not say of a project; the rest is told from the list's row."""
    goal = next(goal for goal in _GOALS if row["name"].startswith(goal[0]))
    created = world.clock.now() - world.rng.uniform(60, 90) * DAY
    creator = corporation.ceo_id
    details: Row = {
        "career": goal[1],
        "created": iso(created),
        "description": f"{goal[0]}: what is paid is paid at once.",
    }
    if world.rng.random() < 0.7:
        details["expires"] = iso(world.clock.now() + world.rng.uniform(0.5, 40) * DAY)
    if row["state"] != "Active":
        details["finished"] = row["last_modified"]
    return [
        {
            "configuration": _configuration(world, goal[2]),
            "contribution": {
                "participation_limit": 500,
                "reward_per_contribution": round(world.rng.uniform(100, 90_000), 2),
                "submission_multiplier": 1.0,
            },
            "creator": {"id": creator, "name": world.names[creator][0]},
            "details": details,
            "id": row["id"],
        }
    ]


def _whole(_world: World, corporation: Corporation, row: Row) -> Row:
    """A project's detail: what the list says and what it does not."""
    found = [project for project in corporation.rows("project") if project["id"] == row["id"]]
    if not found:
        found = [
            gone.row for gone in corporation.forgotten["project"] if gone.row["id"] == row["id"]
        ]
    listed = {name: value for name, value in found[-1].items() if name != ORDER}
    return row | listed


def _workers(world: World, corporation: Corporation, row: Row) -> list[Row]:
    """Members of all that was done, in parts that make the whole."""
    left = row["progress"]["current"]
    members = world.rng.sample(world.members(corporation), 4)
    parts: list[Row] = []
    for number, member in enumerate(members):
        part = left if number == 3 else int(left * world.rng.uniform(0.2, 0.6))
        left -= part
        if part:
            parts.append({"contributed": part, "id": member, "name": world.names[member][0]})
    return parts


def _participants(world: World, _corporation: Corporation, row: Row) -> list[Row]:
    left = row["progress"]["current"]
    people = world.rng.sample(world.outsiders, 3)
    states = ("Committed", "Committed", world.rng.choice(("Kicked", "Resigned")))
    return [
        {"contributed": left // 3, "id": person, "name": world.names[person][0], "state": state}
        for person, state in zip(people, states, strict=True)
    ]


def _progressed(world: World, _corporation: Corporation, row: Row) -> Row:
    """Somebody contributed; what is complete is complete. One that has ended is renamed."""
    moved = row | {"last_modified": _later(world, row["last_modified"])}
    if row["state"] != "Active":
        return moved | {"name": f"{row['name'].partition(' (')[0]} ({world.rng.random():.4f})"}
    current, desired = row["progress"]["current"], row["progress"]["desired"]
    done = min(desired, current + max(1, int(desired * world.rng.uniform(0.005, 0.04))))
    moved |= {"progress": {"current": done, "desired": desired}}
    if done == desired:
        moved["state"] = "Completed"
    if "reward" in row:
        initial = row["reward"]["initial"]
        remaining = round(initial * (1 - done / desired), 2)
        moved["reward"] = {"initial": initial, "remaining": remaining}
    return moved


def _later(world: World, before: str) -> str:
    now = world.clock.now()
    while iso(now) <= before:
        now += 1
    return iso(now)


def _contributed(world: World, _corporation: Corporation, row: Row) -> Row:
    return row | {"contributed": row["contributed"] + world.rng.randint(1, 90)}


def _worker(world: World, corporation: Corporation, unit: Unit) -> Row:
    """Somebody contributes who has not yet."""
    known = {row["id"] for row in corporation.rows("project_contributor", unit)}
    free = [member for member in world.members(corporation) if member not in known]
    member = world.rng.choice(free)
    return {"contributed": 1, "id": member, "name": world.names[member][0]}


def _participant(world: World, corporation: Corporation, unit: Unit) -> Row:
    known = {row["id"] for row in corporation.rows("freelance_job_participant", unit)}
    person = world.rng.choice([other for other in world.outsiders if other not in known])
    name = world.names[person][0]
    return {"contributed": 1, "id": person, "name": name, "state": "Committed"}


def _contribute(world: World, corporation: Corporation) -> None:
    """A member does something for a project that runs."""
    for table, workers in (
        ("project", "project_contributor"),
        ("freelance_job", "freelance_job_participant"),
    ):
        rows = corporation.rows(table)
        running = [n for n, row in enumerate(rows) if row["state"] == "Active"]
        if not running:
            continue
        index = world.rng.choice(running)
        before = rows[index]["progress"]["current"]
        Mutation(world, corporation, table).change(1, [(ONLY, index)])
        row, people = rows[index], corporation.tables[workers][rows[index]["id"]]
        if len(people):
            place = world.rng.randrange(len(people))
            more = row["progress"]["current"] - before
            worker = people[place] | {"contributed": people[place]["contributed"] + more}
            people[place] = stamped(world, TABLES[workers], worker)


def _begin(world: World, corporation: Corporation) -> None:
    running = [row for row in corporation.rows("project") if row["state"] == "Active"]
    if len(running) < 25:
        Mutation(world, corporation, "project").add(1)


def _listed(ask: Ask) -> Rows:
    rows = ask.corporation.rows("project")
    wanted = ask.query.get("state", "Active")
    if wanted not in ("All", "Active"):
        raise EsiError(400, "state must be All or Active")
    return [row for row in rows if wanted == "All" or row["state"] == "Active"]


def _contribution(ask: Ask) -> Row:
    units = ask.corporation.tables["project_contributor"]
    people = units[ask.unit("project_id", units)]
    mine = [row for row in people if row["id"] == ask.number("character_id")]
    return {"contributed": mine[0]["contributed"] if mine else 0}


def _public_job(ask: Ask) -> Row:
    """A freelance job as everybody sees it."""
    for corporation in ask.world.corporations.values():
        for row in corporation.rows("freelance_job"):
            if row["id"] == ask.params["job_id"]:
                return _job_detail(ask.world, corporation, row)
    raise EsiError(404, "Not found")


def _job_detail(world: World, corporation: Corporation, row: Row) -> Row:
    creator = corporation.ceo_id
    return {name: value for name, value in row.items() if name != ORDER} | {
        "access_and_visibility": {"acl_protected": False},
        "configuration": {
            "method": "DeliverItem",
            "parameters": {"deliver": {"boolean": {"value": True}}},
            "version": 1,
        },
        "contribution": {"max_committed_participants": 20, "reward_per_contribution": 15_000.0},
        "details": {
            "career": "Industrialist",
            "created": iso(world.clock.now() - 70 * DAY),
            "creator": {
                "character": {"id": creator, "name": world.names[creator][0]},
                "corporation": {"id": corporation.corporation_id, "name": corporation.name},
            },
            "description": "Paid work.",
        },
    }


_C = "/corporations/{corporation_id}"
_PROJECTS = f"{_C}/projects"
_JOBS = f"{_C}/freelance-jobs"
DATA_SET = DataSet(
    tables=(
        Table(
            "project",
            _PROJECTS,
            "ledger",
            key=("id",),
            make=lambda world, _corporation, _unit: _project(world, 0.0, 0.0, "Active"),
            alter=_progressed,
        ),
        Table(
            "project_detail",
            f"{_PROJECTS}/{{project_id}}",
            "ledger",
            key=(),
            unit="id",
            parent="project",
            born=_detail,
            tell=_whole,
            fixed=True,
        ),
        Table(
            "project_contributor",
            f"{_PROJECTS}/{{project_id}}/contributors",
            "ledger",
            key=("id",),
            make=_worker,
            alter=_contributed,
            unit="project_id",
            parent="project",
            born=_workers,
        ),
        Table(
            "freelance_job",
            _JOBS,
            "ledger",
            key=("id",),
            make=lambda world, _corporation, _unit: _job(world, 0.0, 0.0, "Active"),
            alter=_progressed,
        ),
        Table(
            "freelance_job_participant",
            f"{_JOBS}/{{job_id}}/participants",
            "ledger",
            key=("id",),
            make=_participant,
            alter=_contributed,
            unit="job_id",
            parent="freelance_job",
            born=_participants,
        ),
    ),
    events=(Event(_contribute, 3), Event(_begin, 1)),
    feeds={
        _PROJECTS: _listed,
        f"{_PROJECTS}/{{project_id}}/contribution/{{character_id}}": _contribution,
        "/freelance-jobs/{job_id}": _public_job,
    },
    fill=_fill,
)
