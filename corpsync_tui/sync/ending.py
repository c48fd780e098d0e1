"""What status and history say when a run has ended: pure functions, one per way to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from corpsync_tui.queries.records import RunRecord, SyncConfig, SyncStatus
from corpsync_tui.sync.advice import advise, need_in_words, needs_of
from corpsync_tui.sync.due import next_run_time
from corpsync_tui.sync.outcome import Counts, Outcome
from corpsync_tui.text import one_line

Ending = Callable[[SyncStatus, RunRecord, datetime], tuple[SyncStatus, RunRecord]]
"""Makes of a running status, its run and the moment of the end those that are to be written."""


def success(outcome: Outcome) -> Ending:
    """The run did what it was there for; while more is to come, the copy is not current."""
    current_until = None if outcome.more_to_come else outcome.current_until

    def end(status: SyncStatus, run: RunRecord, moment: datetime) -> tuple[SyncStatus, RunRecord]:
        status = replace(
            status,
            status="success",
            progress=100.0,
            current_step="Completed",
            last_success_time=moment,
            current_until=current_until,
            error_kind=None,
            error_message=None,
            error_count=0,
            failing_since=None,
            items_processed=outcome.items,
            total_items=outcome.items,
            needs=None,
        )
        message = outcome.error_message and one_line(outcome.error_message)
        return status, replace(run, result="success", error_message=message)

    return end


def failure(error: BaseException, outcome: Outcome, *, applied: bool) -> Ending:
    """The run failed; `applied` says that what came was stored all the same."""
    advice, needs = advise(error), needs_of(error)

    def end(status: SyncStatus, run: RunRecord, _: datetime) -> tuple[SyncStatus, RunRecord]:
        status = replace(
            status,
            status="error",
            current_step=advice.sentence if needs is None else need_in_words(needs),
            current_until=outcome.current_until if applied else status.current_until,
            error_kind=advice.kind,
            error_message=advice.sentence,
            error_count=status.error_count + 1,
            failing_since=status.failing_since or run.start_time,
            needs=needs,
        )
        run = replace(run, result="error", error_kind=advice.kind, error_message=advice.sentence)
        return status, run

    return end


def cancelled(status: SyncStatus, run: RunRecord, _: datetime) -> tuple[SyncStatus, RunRecord]:
    """The run was ended by the director or by the end of the program."""
    status = replace(status, status="idle", progress=0.0, current_step="Cancelled")
    return status, replace(run, result="cancelled")


@dataclass(frozen=True, slots=True)
class Ended:
    """All that the end of a run changes."""

    moment: datetime
    status: SyncStatus
    run: RunRecord
    config: SyncConfig | None
    """None where the process is not scheduled."""
    needs_before: str | None
    """What the process was known to need as the run began."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A run under way, as it stands."""

    status: SyncStatus
    run: RunRecord
    config: SyncConfig | None
    needs_before: str | None

    def end(
        self,
        ending: Ending,
        outcome: Outcome,
        counts: Counts | None,
        *,
        moment: datetime,
        duration: float,
    ) -> Ended:
        """What is to be written of the run that ends in this way at this moment.

        `counts` are those of its last transaction.
        """
        status, run = ending(self.status, self.run, moment)
        run = _with_facts(run, outcome, counts, duration)
        if self.config is None:
            return Ended(moment, status, run, None, self.needs_before)
        due = next_run_time(
            self.config,
            needs=status.needs,
            end=moment,
            current_until=status.current_until,
            more_to_come=outcome.more_to_come,
        )
        config = replace(self.config, next_run_time=due)
        status = replace(status, next_run_time=due)
        return Ended(moment, status, run, config, self.needs_before)


def _with_facts(
    run: RunRecord, outcome: Outcome, counts: Counts | None, duration: float
) -> RunRecord:
    added, changed, removed = (
        (counts.added, counts.changed, counts.removed) if counts is not None else (0, 0, 0)
    )
    return replace(
        run,
        duration=duration,
        items=outcome.items,
        rows_added=outcome.rows_added + added,
        rows_changed=outcome.rows_changed + changed,
        rows_removed=outcome.rows_removed + removed,
        requests_sent=outcome.requests_sent,
        not_modified=outcome.not_modified,
        items_failed=outcome.items_failed,
        note=outcome.note,
        current_until=outcome.current_until,
    )
