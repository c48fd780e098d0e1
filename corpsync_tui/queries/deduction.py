"""From the changes of a run to what they mean: what moved where, what came and what went.

A thing that keeps its id from place to place is proven to have moved. Stacks do not keep theirs:
what is fewer here and more there at the same copy has likely moved. What came from outside or
went there is held against the logs that tell of the same number in the same time.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from corpsync_tui.format.amounts import count, joined, many
from corpsync_tui.queries.asset_moves import AssetMove, Row
from corpsync_tui.queries.changes import Change
from corpsync_tui.queries.difference import Describer
from corpsync_tui.queries.evidence import Copies, Evidence, Evidences, Found
from corpsync_tui.queries.story import Certainty, Draft, Movement, Place, Suspicion, Window
from corpsync_tui.store.naming import OFFICE, Naming

HANGAR_SILENT = "hangars keep no log of who"
BOX_SILENT = "no container log tells who"
LOG_SILENT = "the container log says nothing of it"
LOG_UNREAD = "its container log was not read in time"
NOTHING_TELLS = "no sale, order, contract or job of that time has as many"
HERE: dict[bool, str] = {True: "as many came there", False: "as many left there"}

Kind = tuple[int, bool]
"""A type, and whether it is of assembled things, which keep their ids."""
Here = Callable[[Place], bool]


@dataclass(slots=True)
class Scene:
    """What all of one corporation's stories share, for one read of the database."""

    db: sqlite3.Connection
    corporation_id: int
    describer: Describer
    names: Naming
    copies: Copies
    _parents: dict[int, tuple[int, int, str] | None] = field(default_factory=dict)

    def describe(self, table: str, row_key: Mapping[str, Any], time: float) -> str:
        """A row of a table in the words of the change log."""
        change = Change(0, 0, time, self.corporation_id, table, "added", row_key, None, None)
        return self.describer.describe(change)

    def place(self, place: Place) -> str:
        """A place in words."""
        return self.names.place(self.corporation_id, *place)

    def is_box(self, location_id: int) -> bool:
        """Whether this is a container or ship, and no hangar."""
        found = self._parent(location_id)
        return found is not None and found[1] != OFFICE

    def around(self, location_id: int) -> list[int]:
        """Box by box what is around something, up to the station or structure."""
        chain = [location_id]
        while (found := self._parent(chain[-1])) is not None and found[0] not in chain:
            chain.append(found[0])
        return chain

    def division(self, place: Place) -> int | None:
        """The hangar division that something lies in, boxes within it included."""
        flags = [place[1], *(box[2] for i in self.around(place[0]) if (box := self._parent(i)))]
        found = next((flag for flag in flags if flag.startswith("CorpSAG")), None)
        return None if found is None else int(found.removeprefix("CorpSAG"))

    def _parent(self, item_id: int) -> tuple[int, int, str] | None:
        """What a thing lies in, its type, and its flag there."""
        if item_id not in self._parents:
            self._parents[item_id] = self.db.execute(
                "SELECT location_id, type_id, location_flag FROM asset "
                "WHERE corporation_id = ? AND item_id = ?",
                (self.corporation_id, item_id),
            ).fetchone()
        return self._parents[item_id]


def place_of(row: Row) -> Place:
    """Where a row says that something lies."""
    flag = row["location_flag"]
    return row["location_id"], "" if flag in ("Unlocked", "Locked") else flag


def amount_of(row: Row) -> int:
    """How many a row stands for; of blueprints it says less than none."""
    return max(1, int(row["quantity"]))


@dataclass(slots=True)
class _Sum:
    """What a run did to things of one kind."""

    shifts: list[tuple[AssetMove, Place, Place, int]] = field(default_factory=list)
    """Things that kept their ids from one place to another, and how many."""
    nets: Counter[Place] = field(default_factory=Counter)
    """How many more there are at each place, but for those."""
    stacks: Counter[Place] = field(default_factory=Counter)
    """How many stacks differ there."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A run that changed something."""

    id: int | None
    time: float
    window: Window

    @classmethod
    def of(cls, move: AssetMove, copies: Copies) -> _Run:
        """The run that a change is of."""
        return cls(move.run_id, move.time, copies.window(move.time))


class Deduction:
    """Adds to a draft what runs mean, from the newest run to the oldest."""

    def __init__(
        self,
        scene: Scene,
        draft: Draft,
        held: Mapping[int, Row],
        evidences: Evidences,
        *,
        silent: str = "",
    ) -> None:
        """`held`: all things concerned, as they are now; `silent`: why no log tells of any."""
        self._scene = scene
        self._draft = draft
        self._evidences = evidences
        self._silent = silent
        self._totals: Counter[tuple[Kind, Place]] = Counter()
        for row in held.values():
            self._totals[_kind(row), place_of(row)] += amount_of(row)

    def tell(self, moves: Sequence[AssetMove], here: Callable[[Sequence[AssetMove]], Here]) -> None:
        """Tell of each run what it did where it is `here`, which may differ from run to run."""
        for _, of_run in groupby(moves, key=lambda move: move.time):
            found = list(of_run)
            is_here = here(found)
            run = _Run.of(found[0], self._scene.copies)
            for kind, of_kind in _by_kind(found).items():
                self._tell_kind(kind, of_kind, is_here, run)

    def _tell_kind(self, kind: Kind, moves: list[AssetMove], here: Here, run: _Run) -> None:
        found = _add_up(moves)
        for move, start, end, amount in found.shifts:
            if here(start) or here(end):
                self._tell_shift(move, start, end, amount, run)
        for move in moves:
            self._tell_name(move, here, run)
        nets = Counter(found.nets)
        for place in sorted(found.nets.keys() | found.stacks.keys()):
            if here(place):
                if not found.nets[place] and found.stacks[place] > 1:
                    self._tell_restacked(kind, place, run)
                self._tell_net(kind, place, nets, run)
        for _, start, end, amount in found.shifts:
            self._totals[kind, start] += amount
            self._totals[kind, end] -= amount
        for place, net in found.nets.items():
            self._totals[kind, place] -= net

    def _tell_shift(
        self, move: AssetMove, start: Place, end: Place, amount: int, run: _Run
    ) -> None:
        """A thing lies elsewhere, under the same id: that is proven."""
        row = move.after or {}
        left = self._log_of(start, row["type_id"], run.window, amount, went=True)
        came = self._log_of(end, row["type_id"], run.window, amount, went=False)
        where = f"moved from {self._scene.place(start)} to {self._scene.place(end)}"
        found = [log for log in (left, came) if isinstance(log, Found)]
        silent = next((log for log in (left, came) if isinstance(log, str) and log), "")
        reason = "; ".join(log.reason for log in found) or silent
        self._add(run, f"{self._called(row, amount)} {where}", "proven", reason, found)

    def _tell_name(self, move: AssetMove, here: Here, run: _Run) -> None:
        before, after = move.before, move.after
        if before and after and before.get("name") != after.get("name") and here(place_of(after)):
            old, new = (row.get("name") or "without a name" for row in (before, after))
            thing = self._scene.names.type(after["type_id"])
            self._add(run, f"{thing} {old} is now {new}", "proven")

    def _tell_restacked(self, kind: Kind, place: Place, run: _Run) -> None:
        total = many(self._totals[kind, place], self._scene.names.type(kind[0]))
        sentence = f"{total} in {self._scene.place(place)} were stacked otherwise"
        self._add(run, sentence, "proven", "as many as before")

    def _tell_net(self, kind: Kind, place: Place, nets: Counter[Place], run: _Run) -> None:
        """Things are fewer or more at a place: where they went or came from, and why."""
        net = nets[place]
        if not net:
            return
        went, amount, (type_id, is_single) = net < 0, abs(net), kind
        log = self._log_of(place, type_id, run.window, amount, went=went)
        found = [log] if isinstance(log, Found) else []
        others = [] if is_single else _counterparts(place, nets)
        for other, part in others:
            nets[other] += part if nets[other] < 0 else -part
            start, end = (place, other) if went else (other, place)
            reasons = [*(one.reason for one in found), f"{HERE[went]} at the same sync"]
            where = f"moved from {self._scene.place(start)} to {self._scene.place(end)}"
            sentence = f"{self._many(type_id, part)} {where}, as another stack"
            self._add(run, sentence, "likely", "; ".join(reasons), found)
        nets[place] = 0
        rest = amount - sum(part for _, part in others)
        if rest:
            self._tell_rest(kind, place, -rest if went else rest, run, log)

    def _tell_rest(self, kind: Kind, place: Place, net: int, run: _Run, log: Found | str) -> None:
        """What came from outside of the corporation's places or left them."""
        type_id, is_single = kind
        went, amount, where = net < 0, abs(net), self._scene.place(place)
        verb, left = ("gone", "left in") if went else ("new", "now in")
        sentence = f"{self._many(type_id, amount)} {verb}"
        if is_single:
            sentence += f" {'from' if went else 'in'} {where}"
        else:
            sentence += f", {count(self._totals[kind, place])} {left} {where}"
        if isinstance(log, Found) and log.is_all:
            self._add(run, sentence, "proven", log.reason, [log])
            return
        trade = self._evidences.from_trade(
            self._scene.around(place[0]), type_id, run.window, amount, went=went
        )
        if trade is not None:
            self._add(run, sentence, "likely", trade.reason, [trade])
        elif isinstance(log, Found):
            self._add(run, sentence, "likely", log.reason, [log])
        else:
            reason = self._silent or joined([log, NOTHING_TELLS]).replace(" · ", "; ")
            self._add(run, sentence, "cannot be proven", reason)
            if went:
                self._draft.suspicions.append(Suspicion(run.time, run.window, place))

    def _log_of(
        self, place: Place, type_id: int, window: Window, amount: int, *, went: bool
    ) -> Found | str:
        """What the log of a container says of a change in it, or why it says nothing."""
        box = place[0]
        if box in self._evidences.boxes:
            found = self._evidences.from_box(box, type_id, window, amount, went=went)
            if found is not None:
                return found
            return LOG_SILENT if self._scene.copies.read_logs(window) else LOG_UNREAD
        return BOX_SILENT if self._scene.is_box(box) else HANGAR_SILENT

    def _add(
        self,
        run: _Run,
        sentence: str,
        certainty: Certainty,
        reason: str = "",
        found: Sequence[Found] = (),
    ) -> None:
        people = [one for log in found for one in log.characters]
        who = ", ".join(dict.fromkeys(map(self._scene.names.who, people)))
        movement = Movement(
            run.time,
            "change log",
            sentence,
            certainty,
            reason,
            who,
            run.window,
            table="asset",
            run_id=run.id,
        )
        self._draft.add(movement, people)
        for log in found:
            for line in log.lines:
                tell_line(self._scene, self._draft, line)

    def _many(self, type_id: int, amount: int) -> str:
        return many(amount, self._scene.names.type(type_id))

    def _called(self, row: Row, amount: int) -> str:
        called = self._many(row["type_id"], amount)
        return f"{called} “{row['name']}”" if row.get("name") else called


def tell_line(scene: Scene, draft: Draft, line: Evidence) -> None:
    """A line of a log, once, in the words of its table."""
    if line.told:
        return
    line.told = True
    people = () if line.character_id is None else (line.character_id,)
    sentence = scene.describe(line.table, line.row_key, line.time)
    who = "".join(map(scene.names.who, people))
    movement = Movement(
        line.time, line.source, sentence, "proven", who=who, table=line.table, row_key=line.row_key
    )
    draft.add(movement, people)


def _kind(row: Row) -> Kind:
    return row["type_id"], bool(row["is_singleton"])


def _by_kind(moves: Sequence[AssetMove]) -> dict[Kind, list[AssetMove]]:
    found: defaultdict[Kind, list[AssetMove]] = defaultdict(list)
    for move in moves:
        found[_kind(move.row)].append(move)
    return found


def _add_up(moves: Sequence[AssetMove]) -> _Sum:
    found = _Sum()
    for move in moves:
        before, after = move.before, move.after
        kept = 0
        if before and after and place_of(before) != place_of(after):
            kept = min(amount_of(before), amount_of(after))
            found.shifts.append((move, place_of(before), place_of(after), kept))
        for row, sign in ((before, -1), (after, 1)):
            if row:
                found.nets[place_of(row)] += sign * (amount_of(row) - kept)
        if not kept and (not before or not after or amount_of(before) != amount_of(after)):
            found.stacks[place_of(move.row)] += 1
    return found


def _counterparts(place: Place, nets: Mapping[Place, int]) -> list[tuple[Place, int]]:
    """Where as many more are as there are fewer here, or the other way round; how many each."""
    net = nets[place]
    others = [(other, abs(n)) for other, n in nets.items() if n * net < 0]
    exact = [pair for pair in others if pair[1] == abs(net)]
    if exact:
        return exact[:1]
    if len(others) == 1:
        return [(others[0][0], min(others[0][1], abs(net)))]
    return others if sum(part for _, part in others) == abs(net) else []
