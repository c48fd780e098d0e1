"""Manufacturing: industry jobs of every activity, kept after ESI forgets them."""

from collections.abc import Iterator

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.plans import Pages
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.amounts import a, many
from corpsync_tui.format.times import seconds_of
from corpsync_tui.store.columns import CorporationTable, Count, Id, Isk, Number, When, Word
from corpsync_tui.store.naming import Naming
from corpsync_tui.store.presentation import Presentation


class IndustryJob(CorporationTable):
    """A job. ESI lists delivered ones for 90 days; the row stays as it was last seen."""

    activity_id = Id("activity")
    blueprint_id = Id("item")
    blueprint_location_id = Id("location")
    blueprint_type_id = Id("type")
    completed_character_id = Id("character", null=True)
    completed_date = When(null=True)
    cost = Isk(null=True)
    duration = Count("seconds")
    end_date = When()
    facility_id = Id("location")
    installer_id = Id("character")
    job_id = Id("job", identity=True)
    licensed_runs = Count(null=True)
    location_id = Id("location")
    output_location_id = Id("location")
    pause_date = When(null=True)
    probability = Number(null=True)
    product_type_id = Id("type", null=True)
    runs = Count()
    start_date = When()
    status = Word()
    successful_runs = Count(null=True)

    presentation = Presentation(
        first=(
            "status",
            "product_type_id",
            "runs",
            "end_date",
            "installer_id",
            "activity_id",
            "facility_id",
        ),
        newest="end_date",
    )


JOBS = Route(
    "/corporations/{corporation_id}/industry/jobs",
    cache_seconds=300,
    scope="esi-industry.read_corporation_jobs.v1",
    roles=("Factory_Manager",),
    group="corp-industry",
    tokens=600,
    paged=True,
)

INDUSTRY_JOBS = Dataset(
    IndustryJob, JOBS, "ledger", plan=Pages(query={"include_completed": "true"})
)
"""The list leaves completed jobs out unless asked for them."""


ACTIVITIES = {
    3: "time research",
    4: "material research",
    7: "reverse engineering",
    8: "invention",
    9: "reaction",
    11: "reaction",
}
MANUFACTURING, COPYING = 1, 5


def job_in_words(names: Naming, activity: int | None, runs: int | None, product: int | None) -> str:
    """`12 × Rifter`, `3 copies of Rifter Blueprint`, `invention of 4 × Hawk Blueprint`."""
    thing = names.type(product)
    if activity == MANUFACTURING:
        return f"{runs or 1:,} × {thing}"
    if activity == COPYING:
        return f"{a('copy') if runs in (None, 1) else f'{runs:,} copies'} of {thing}"
    what = ACTIVITIES.get(activity or 0, f"job of activity {activity}")
    return f"{what} of {many(runs, thing)}"


def describe_job(context: ChangeContext) -> str | None:
    """A job that began, or stands otherwise."""
    names = context.names
    product = context.get("product_type_id") or context.get("blueprint_type_id")
    job = job_in_words(names, context.get("activity_id"), context.get("runs"), product)
    place = context.place("facility_id", "")
    if context.kind == "added":
        who = names.who(context.get("installer_id"))
        if context.get("status") == "delivered":
            return f"{place}: {job} by {who} delivered"
        return f"{place}: {who} started {job}"
    if context.differs("status"):
        status = context.new("status")
        words = {"active": "goes on", "ready": "ready to deliver"}.get(status, status)
        return f"{place}: {job} {words}"
    return None


def job_ready(context: RuleContext) -> Iterator[Alert]:
    """A job that is done and not delivered."""
    sql = (
        "SELECT job_id, activity_id, runs, coalesce(product_type_id, blueprint_type_id), "
        "facility_id, end_date FROM industry_job WHERE corporation_id = :corporation "
        "AND (status = 'ready' OR status = 'active' AND end_date <= :now) ORDER BY end_date"
    )
    names, now = context.names, context.esi(context.now)
    for job_id, activity, runs, product, facility, end in context.rows(sql, now=now):
        job = job_in_words(names, activity, runs, product)
        yield Alert(
            f"{job_id}",
            f"{names.place(context.corporation_id, facility)}: {job} ready to deliver",
            "medium",
            seconds_of(end),
            table_name="industry_job",
            row_key={"job_id": job_id},
        )


PROCESS = Process(
    "manufacturing",
    title="Manufacturing",
    noun="industry jobs",
    order=30,
    interval_minutes=15,
    demo_minutes=1,
    datasets=[INDUSTRY_JOBS],
    describe={IndustryJob: describe_job},
    rules=[
        Rule(
            "job_ready",
            job_ready,
            says="An industry job that waits to be delivered.",
            timed=True,
            many="jobs ready at {places}",
        ),
    ],
)
