"""Manufacturing: industry jobs of every activity, kept after ESI forgets them."""

from corpsync_tui.esi.routes import Route
from corpsync_tui.processes.base import Dataset, Process
from corpsync_tui.processes.run import Run
from corpsync_tui.store.columns import CorporationTable, Count, Id, Isk, Number, When, Word


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


PROCESS = Manufacturing(
    "manufacturing",
    title="Manufacturing",
    noun="industry jobs",
    interval_minutes=15,
    datasets=[INDUSTRY_JOBS],
)
