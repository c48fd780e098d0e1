"""A ninth process in one file: standings, as a further data set would be added."""

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import CorporationTable, Id, Number, Word


class Standing(CorporationTable):
    """What an agent, a corporation or a faction thinks of the corporation."""

    from_id = Id("party", identity=True)
    from_type = Word()
    standing = Number()


STANDINGS = Route(
    "/corporations/{corporation_id}/standings",
    cache_seconds=3600,
    scope="esi-corporations.read_standings.v1",
    group="corp-member",
    tokens=300,
    paged=True,
)

PROCESS = Process(
    "standings",
    title="Standings",
    noun="standings",
    order=85,
    interval_minutes=120,
    demo_minutes=2,
    datasets=[Dataset(Standing, STANDINGS, "snapshot")],
)
