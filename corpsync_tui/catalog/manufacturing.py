"""Manufacturing: industry jobs of every activity, kept after ESI forgets them."""

from collections.abc import Iterator

from corpsync_tui.catalog.kit.base import Dataset, Process
from corpsync_tui.catalog.kit.describe import News
from corpsync_tui.catalog.kit.rules import Finding, Look, Rule
from corpsync_tui.catalog.kit.words import a, many, seconds_of
from corpsync_tui.engine.run import Run
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import CorporationTable, Count, Id, Isk, Number, When, Word
from corpsync_tui.store.naming import Naming


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


JOBS = Route(
    "/corporations/{corporation_id}/industry/jobs",
    cache_seconds=300,
    scope="esi-industry.read_corporation_jobs.v1",
    roles=("Factory_Manager",),
    group="corp-industry",
    tokens=600,
    paged=True,
)

INDUSTRY_JOBS = Dataset(IndustryJob, JOBS, "ledger")


class Manufacturing(Process):
    """The list leaves completed jobs out unless asked for them."""

    async def fetch(self, run: Run) -> None:
        """Every page, completed jobs included."""
        await run.collect(INDUSTRY_JOBS, query={"include_completed": "true"})


ACTIVITIES = {
    1: "run",
    3: "time research",
    4: "material research",
    5: "copying",
    7: "reverse engineering",
    8: "invention",
    9: "reaction",
    11: "reaction",
}


def job_in_words(names: Naming, activity: int | None, runs: int | None, product: int | None) -> str:
    """`run of 12 × Rifter`."""
    what = ACTIVITIES.get(activity or 0, f"job of activity {activity}")
    return f"{what} of {many(runs, names.type(product))}"


def told(news: News) -> str | None:
    """A job that began, or stands otherwise."""
    names = news.names
    product = news.get("product_type_id") or news.get("blueprint_type_id")
    job = job_in_words(names, news.get("activity_id"), news.get("runs"), product)
    place = news.place("facility_id", "")
    if news.kind == "added":
        who = names.who(news.get("installer_id"))
        if news.get("status") == "delivered":
            return f"{place}: {job} by {who} delivered"
        return f"{place}: {who} started {a(job)}"
    if news.differs("status"):
        status = {"active": "goes on", "ready": "is ready"}.get(news.new("status"))
        return f"{place}: {job} {status or news.new('status')}"
    return None


def job_ready(look: Look) -> Iterator[Finding]:
    """A job that is done and not delivered."""
    sql = (
        "SELECT job_id, activity_id, runs, coalesce(product_type_id, blueprint_type_id), "
        "facility_id, end_date FROM industry_job WHERE corporation_id = :corporation "
        "AND (status = 'ready' OR status = 'active' AND end_date <= :now) ORDER BY end_date"
    )
    for job_id, activity, runs, product, facility, end in look.rows(sql, now=look.esi(look.now)):
        names = look.names
        job = job_in_words(names, activity, runs, product)
        yield Finding(
            f"{job_id}",
            f"{names.place(look.corporation_id, facility)}: {job} is ready to be delivered",
            "medium",
            seconds_of(end),
            table_name="industry_job",
            row_key={"job_id": job_id},
        )


PROCESS = Manufacturing(
    "manufacturing",
    title="Manufacturing",
    noun="industry jobs",
    order=30,
    interval_minutes=15,
    demo_minutes=1,
    datasets=[INDUSTRY_JOBS],
    sentences={IndustryJob: told},
    rules=[Rule("job_ready", job_ready)],
)
