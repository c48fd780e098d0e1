"""Projects: what the corporation pays for, how far it is, and who did the work."""

from __future__ import annotations

from typing import Any

import msgspec

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.plans import Budget, Cursor, ForEach
from corpsync_tui.catalog.kit.shapes import One, Wrapped
from corpsync_tui.decoding import Int64
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import CorporationTable, Count, Id, Json, Text, When, Word


class Progress(msgspec.Struct):
    """How much was done of what is wanted."""

    current: Int64
    desired: Int64


class Reward(msgspec.Struct):
    """ISK set aside at first, and what is left of it."""

    initial: float
    remaining: float


class Contribution(msgspec.Struct):
    """What one contribution earns, and its limits."""

    participation_limit: Int64 | None = None
    reward_per_contribution: float | None = None
    submission_limit: Int64 | None = None
    submission_multiplier: float | None = None


class Creator(msgspec.Struct):
    """Who made the project."""

    id: Int64
    name: str


class Details(msgspec.Struct):
    """What the project says of itself."""

    career: str
    created: str
    description: str
    expires: str | None = None
    finished: str | None = None


class Project(CorporationTable):
    """A project as the list tells it."""

    id = Text(identity=True)
    last_modified = When()
    name = Text()
    progress = Json(Progress)
    reward = Json(Reward, null=True)
    state = Word()


class ProjectDetail(CorporationTable):
    """A project in full. `configuration` has one key, which says what is to be done."""

    configuration = Json(dict[str, Any])
    contribution = Json(Contribution, null=True)
    creator = Json(Creator)
    details = Json(Details)
    id = Text(identity=True)
    last_modified = When()
    name = Text()
    progress = Json(Progress)
    reward = Json(Reward, null=True)
    state = Word()


class ProjectContributor(CorporationTable):
    """Who did how much of a project."""

    project_id = Text(added=True, identity=True)
    contributed = Count()
    id = Id("character", identity=True)
    name = Text()


class FreelanceJob(CorporationTable):
    """Work that the corporation pays strangers for."""

    id = Text(identity=True)
    last_modified = When()
    name = Text()
    progress = Json(Progress)
    reward = Json(Reward, null=True)
    state = Word()


class FreelanceJobParticipant(CorporationTable):
    """Who works on a freelance job, was kicked or resigned."""

    job_id = Text(added=True, identity=True)
    contributed = Count()
    id = Id("character", identity=True)
    name = Text()
    state = Word()


def _projects(path: str = "", *roles: str, cache_seconds: int = 0) -> Route:
    return Route(
        f"/corporations/{{corporation_id}}/projects{path}",
        cache_seconds=cache_seconds,
        scope="esi-corporations.read_projects.v1",
        roles=roles,
        group="corp-project",
        tokens=600,
    )


def _jobs(path: str = "") -> Route:
    return Route(
        f"/corporations/{{corporation_id}}/freelance-jobs{path}",
        scope="esi-corporations.read_freelance_jobs.v1",
        roles=("Project_Manager",),
        group="corp-freelance-job",
        tokens=300,
    )


MOVED = """
NOT EXISTS (SELECT 1 FROM project_detail d WHERE d.corporation_id = t.corporation_id
    AND d.id = t.id AND d.last_modified = t.last_modified)
"""
"""A project that changed since its details were read."""

PROJECTS = Dataset(
    Project,
    _projects(),
    "ledger",
    shape=Wrapped("projects"),
    plan=Cursor(query={"state": "All"}),
)
"""Without `state=All` ESI lists active projects alone."""

CONTRIBUTORS = Dataset(
    ProjectContributor,
    _projects("/{project_id}/contributors", "Project_Manager"),
    "ledger",
    shape=Wrapped("contributors"),
    plan=ForEach(
        of=Project,
        unit="project",
        each=Cursor(),
        path={"project_id": "id"},
        due=f"t.state = 'Active' OR {MOVED}",
    ),
)
DETAILS = Dataset(
    ProjectDetail,
    _projects("/{project_id}", cache_seconds=60),
    "ledger",
    shape=One(),
    plan=ForEach(
        of=Project, unit="project", path={"project_id": "id"}, due=MOVED, budget=Budget(200)
    ),
)
FREELANCE_JOBS = Dataset(
    FreelanceJob, _jobs(), "ledger", shape=Wrapped("freelance_jobs"), plan=Cursor()
)
PARTICIPANTS = Dataset(
    FreelanceJobParticipant,
    _jobs("/{job_id}/participants"),
    "ledger",
    shape=Wrapped("participants"),
    plan=ForEach(
        of=FreelanceJob,
        unit="freelance job",
        each=Cursor(),
        path={"job_id": "id"},
        due="t.state = 'Active'",
    ),
)


def describe_project(context: ChangeContext) -> str | None:
    """A project or job that began, went on, or came to its end."""
    what = "Freelance job" if context.change.table_name == "freelance_job" else "Project"
    what = f"{what} “{context.get('name')}”"
    if context.kind == "added":
        return f"{what} is new"
    if context.differs("state"):
        return f"{what} is {context.new('state').lower()} now"
    if context.differs("progress"):
        before, after = context.old("progress"), context.new("progress")
        done = after["current"] - before["current"]
        return f"{what}: {done:,} more, {after['current']:,} of {after['desired']:,}"
    return f"{what}: {context.fields()}"


def describe_detail(context: ChangeContext) -> str | None:
    """A project in full."""
    what = f"Details of “{context.get('name')}”"
    return f"{what} are new" if context.kind == "added" else f"{what}: {context.fields()}"


def describe_work(context: ChangeContext) -> str | None:
    """Who did how much more, or is at work no more."""
    who = context.get("name")
    if context.kind == "added":
        return f"{who} has contributed {context.get('contributed') or 0:,} to {_work(context)}"
    if context.differs("contributed"):
        more = context.new("contributed") - context.old("contributed")
        return f"{who} contributed {more:,} more to {_work(context)}"
    return f"{who}, {_work(context)}: {context.fields()}"


def _work(context: ChangeContext) -> str:
    table, key = ("project", "project_id")
    if context.change.table_name == "freelance_job_participant":
        table, key = "freelance_job", "job_id"
    name = context.names.row_name(table, context.change.corporation_id, context.get(key))
    return f"“{name or context.get(key)}”"


PROCESS = Process(
    "projects",
    title="Projects",
    noun="projects",
    order=110,
    interval_minutes=30,
    demo_minutes=2,
    datasets=[PROJECTS, CONTRIBUTORS, DETAILS, FREELANCE_JOBS, PARTICIPANTS],
    describe={
        Project: describe_project,
        ProjectDetail: describe_detail,
        ProjectContributor: describe_work,
        FreelanceJob: describe_project,
        FreelanceJobParticipant: describe_work,
    },
)
