"""Where alerts are sent, and what became of one of them at each sink."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from corpsync_tui.alerts.delivery import Delivery
from corpsync_tui.alerts.queue import SinkState, reaches, read_fact, read_sinks
from corpsync_tui.alerts.quiet import is_quiet
from corpsync_tui.alerts.sinks.message import Answer
from corpsync_tui.format.times import hour
from corpsync_tui.queries.alerts import OpenAlert
from corpsync_tui.settings.alerts import SINKS, AlertSettings
from corpsync_tui.store.database import Store


@dataclass(frozen=True, slots=True)
class SinkReport:
    """One sink."""

    name: str
    level: str
    """From which level on it is sent alerts; `off`."""
    place: str
    """Where that is: an address's host, a program, a way to notify."""
    fault: str = ""
    """Why it takes none any more; empty as long as it does."""
    fate: str = ""
    """What became of the alert that was asked about."""


async def report_sinks(
    store: Store, delivery: Delivery, alert: OpenAlert | None, now: float
) -> Sequence[SinkReport]:
    """Every sink, whether it is set up or not. `now` is in Unix seconds."""

    def read(db: Any) -> tuple[Mapping[str, SinkState], Mapping[str, tuple[str, float]]]:
        return read_sinks(db), {} if alert is None else read_fact(db, alert.fact)

    await delivery.read_addresses()
    states, sent = await store.read(read)
    settings, reports = delivery.settings, []
    for name in SINKS:
        state = states.get(name)
        fate = ""
        level = settings.level_of(name)
        if alert is not None and level != "off" and delivery.is_set_up(name):
            fate = _fate(alert, state, sent.get(name), level, settings, now)
        fault = state.off if state else ""
        reports.append(SinkReport(name, level, await delivery.place_of(name), fault, fate))
    return reports


def _fate(
    alert: OpenAlert,
    state: SinkState | None,
    sent: tuple[str, float] | None,
    least: str,
    settings: AlertSettings,
    now: float,
) -> str:
    if sent is not None:
        word, made = sent
        if word == "waiting" and alert.level != "high":
            word = "held" if is_quiet(settings.quiet, settings.quiet_zone, now) else word
        return _WORDS[word].format(
            found=hour(datetime.fromtimestamp(made, UTC)),
            quiet_end=settings.quiet.partition("-")[2],
        )
    if not reaches(alert.level, least):
        return f"not sent: {alert.level} is below {least}"
    if {alert.rule, f"{alert.rule}:{alert.dedupe_key}"}.intersection(settings.mute):
        return "not sent: muted in settings.toml"
    if state is None or alert.first_seen < state.since:
        return "not sent: it was open before"
    return "not sent"


_WORDS = {
    "waiting": "waits to be sent",
    "held": "sent after the quiet hours, {quiet_end}",
    "sent": "sent, found {found}",
    "stale": "given up: a day went by",
    "refused": "given up: it was refused",
}


async def try_sink(delivery: Delivery, sink: str) -> str:
    """Send a test; the answer says what came back, or why nothing can be sent there."""
    await delivery.read_addresses()
    if not delivery.is_set_up(sink):
        used = delivery.settings.uses(sink)
        why = await delivery.place_of(sink) if used else "it is off in settings.toml"
        return f"Alerts are not sent to {sink}: {why}."
    return answer_line(sink, await delivery.test(sink))


def answer_line(sink: str, answer: Answer) -> str:
    """What a sink said to a test: `✓ discord: 204`."""
    return f"{'✓' if answer.accepted else '✗'} {sink}: {answer.sentence}"
