"""What a process is. One file beside this package describes each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from corpsync_tui.catalog.kit.dataset import Dataset, placeholders
from corpsync_tui.catalog.kit.plans import Batch, ForEach
from corpsync_tui.errors import DeclarationError
from corpsync_tui.queries.daily import Daily
from corpsync_tui.store.columns import CorporationTable
from corpsync_tui.store.schema import Table

if TYPE_CHECKING:
    from corpsync_tui.catalog.kit.describe import Describe
    from corpsync_tui.catalog.kit.rules import Rule


class Process:
    """One sync that the director sees."""

    def __init__(
        self,
        type: str,
        *,
        title: str,
        noun: str,
        order: int,
        interval_minutes: int,
        demo_minutes: int,
        datasets: Sequence[Dataset],
        opens: type[CorporationTable] | None = None,
        describe: Mapping[type[CorporationTable], Describe] | None = None,
        rules: Sequence[Rule] = (),
        daily: Sequence[Daily] = (),
    ) -> None:
        self.type = type
        self.title = title
        self.noun = noun
        """What the steps call the rows: `Fetching assets from ESI…`."""
        self.order = order
        """Its place on the Sync screen, among the others' numbers."""
        self.interval_minutes = interval_minutes
        self.demo_minutes = demo_minutes
        """The interval in the demo, where something is always about to happen."""
        self.datasets = tuple(datasets)
        if not self.logged:
            raise DeclarationError(f"{type} fills no table that could be shown")
        self.opens = opens or self.logged[0].model
        """The table that its row on the Sync screen opens."""
        self.routes = tuple(dict.fromkeys(d.route for d in datasets))
        self.describe = dict(describe or {})
        """How a change of each table reads; the others are described field by field."""
        self.rules = tuple(rules)
        """What in this process's tables needs attention."""
        self.daily = tuple(daily)
        """What of each day is drawn over time, the most telling first."""
        check_datasets(self.datasets)

    @property
    def models(self) -> tuple[type[CorporationTable], ...]:
        """The tables that this process fills, each once."""
        return tuple(dict.fromkeys(table.model for d in self.datasets for table in d.tables))

    @property
    def logged(self) -> tuple[Table, ...]:
        """The tables whose changes are logged: all but those that only serve another."""
        return tuple(dict.fromkeys(t for d in self.datasets if d.counted for t in d.tables))

    @property
    def logs(self) -> frozenset[str]:
        """Those of them whose rows, once there, stay as they are."""
        others = {t.name for d in self.datasets if d.merge != "log" or d.after for t in d.tables}
        return frozenset(table.name for table in self.logged) - others

    @property
    def scopes(self) -> Mapping[str, Sequence[str]]:
        """Every scope that a data set takes, with the titles of the tables it is good for."""
        found: dict[str, list[str]] = {}
        for dataset in self.datasets:
            if scope := dataset.route.scope:
                titles = found.setdefault(scope, [])
                titles += [t.title for t in dataset.tables if t.title not in titles]
        return found


def check_datasets(datasets: Sequence[Dataset]) -> None:
    """Refuse data sets that cannot work beside each other. Raises `DeclarationError`."""
    asked: dict[str, str] = {}
    snapshots: set[str] = set()
    known: set[type[CorporationTable]] = set()
    for dataset in datasets:
        name, plan = dataset.table, dataset.plan
        if (other := asked.get(dataset.route.path)) is not None:
            raise DeclarationError(
                f"{other} and {name} are both read from {dataset.route.path}, which would be asked "
                "twice: an answer fills a second table where that is declared as a child"
            )
        asked[dataset.route.path] = name
        if dataset.merge == "snapshot":
            for table in dataset.tables:
                if table.name in snapshots:
                    raise DeclarationError(f"{table.name} is the snapshot of two data sets")
                snapshots.add(table.name)
        if isinstance(plan, Batch) and dataset.model not in known:
            raise DeclarationError(f"{name}.{plan.column} is asked for before its table is read")
        if isinstance(plan, ForEach):
            _check_parents(dataset, plan, known)
        known.update(table.model for table in dataset.tables)


def _check_parents(dataset: Dataset, plan: ForEach, known: set[type[CorporationTable]]) -> None:
    name = dataset.table
    if plan.of == "characters":
        columns = {"character_id"}
    elif isinstance(plan.of, type):
        if plan.of not in known:
            raise DeclarationError(f"{name}: details of {plan.of.__name__}, which is read later")
        columns = set(plan.of._meta.fields)
    else:
        columns = set(plan.of[0])
    wanted = [plan.path.get(n, n) for n in placeholders(dataset.route)]
    for column in (*wanted, *plan.query.values()):
        if column not in columns:
            raise DeclarationError(f"{name}: nothing to ask for tells {column}")
