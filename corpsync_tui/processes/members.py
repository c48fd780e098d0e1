"""Members: who is in the corporation, where they are, and when they were last in game."""

from corpsync_tui.esi.routes import Route
from corpsync_tui.processes.base import Dataset, Process
from corpsync_tui.store.columns import CorporationTable, Id, When


class Member(CorporationTable):
    """A member as membertracking tells it; all but the id is optional there."""

    character_id = Id("character", identity=True)
    base_id = Id("location", null=True)
    location_id = Id("location", null=True, moving=True)
    logoff_date = When(null=True, moving=True)
    logon_date = When(null=True, moving=True)
    ship_type_id = Id("type", null=True, moving=True)
    start_date = When(null=True)


MEMBERTRACKING = Route(
    "/corporations/{corporation_id}/membertracking",
    cache_seconds=3600,
    scope="esi-corporations.track_members.v1",
    roles=("Director",),
    group="corp-member",
    tokens=300,
)

PROCESS = Process(
    "members",
    title="Members",
    noun="members",
    interval_minutes=30,
    datasets=[Dataset(Member, MEMBERTRACKING, "snapshot", never_empty=True)],
)
