"""`corpsync alert`: where alerts are sent, besides the screens."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.settings import Settings, create_folders
from corpsync_tui.settings.alerts import ADDRESSES, SINKS

if TYPE_CHECKING:
    from corpsync_tui.alerts.sinks.message import Answer
    from corpsync_tui.esi.secret import Secret
    from corpsync_tui.esi.vault import AsyncVault


def run(options: Namespace, settings: Settings) -> int:
    """Do what was asked; 1 where a test was not accepted."""
    _refuse_more(options)
    if options.action == "list":
        return asyncio.run(_list(settings))
    if options.action == "test":
        _check_name(options.name, (*SINKS, None))
        return asyncio.run(_test(settings, options.name))
    _check_name(options.name, ADDRESSES)
    if options.action == "remove":
        return asyncio.run(_remove(settings, options.name))
    if options.url is None:
        raise UsageError(f"the address is missing: corpsync alert add {options.name} URL")
    return asyncio.run(_add(settings, options.name, _read_url(options.url)))


def _refuse_more(options: Namespace) -> None:
    """Raises UsageError for words that the action has no use for; they may be an address."""
    if options.action == "list" and options.name is not None:
        raise UsageError("`alert list` takes no NAME: it lists them all")
    if options.action != "add" and options.url is not None:
        raise UsageError(f"`alert {options.action}` takes no URL: `alert add` does")


def _check_name(name: str | None, known: tuple[str | None, ...]) -> None:
    """Raises UsageError, which does not repeat what may be an address."""
    if name not in known:
        raise UsageError(f"NAME must be one of {', '.join(filter(None, known))}")


def _read_url(url: str) -> Secret:
    from corpsync_tui.esi.secret import Secret

    return Secret(sys.stdin.readline().strip() if url == "-" else url)


async def _add(settings: Settings, name: str, url: Secret) -> int:
    from corpsync_tui.alerts.addresses import check_address, entry_of

    check_address(name, url)
    create_folders(settings)
    await _vault(settings).write(entry_of(name), url)
    await _forget(settings, name)  # not before: where no address is kept, the former one stays
    least = settings.alerts.level_of(name)
    if least == "off":
        output.tell(f'{name} is kept, and off: set {name} = "high" below [alerts].')
    else:
        output.tell(f"Alerts are sent to {name}, from level {least} on; what is open now is not.")
    return 0


async def _remove(settings: Settings, name: str) -> int:
    from corpsync_tui.alerts.addresses import entry_of

    await _vault(settings).erase(entry_of(name))
    await _forget(settings, name)
    output.tell(f"Nothing is sent to {name} any more.")
    return 0


async def _forget(settings: Settings, name: str) -> None:
    """Forget what waits for a sink, and that it was gone."""
    from corpsync_tui.alerts.queue import forget_sink
    from corpsync_tui.clock import Clock
    from corpsync_tui.store.connections import is_there
    from corpsync_tui.store.database import Store

    if not is_there(settings.database):
        return
    store = await asyncio.to_thread(Store.open, settings.database, (), clock=Clock())
    try:
        await store.write(lambda db: forget_sink(db, name))
    finally:
        await store.aclose()


async def _test(settings: Settings, name: str | None) -> int:
    from corpsync_tui.alerts.delivery import Delivery
    from corpsync_tui.alerts.sink_report import answer_line
    from corpsync_tui.clock import Clock

    delivery = Delivery(settings, Clock())
    if output.is_terminal(sys.stderr):
        delivery.terminal = output.notify_terminal
    await delivery.read_addresses()
    sinks = [sink for sink in delivery.sinks() if name in (None, sink)]
    if not sinks:
        output.complain(f"alerts are not sent {'anywhere' if name is None else f'to {name}'}")
        return 1
    answers: dict[str, Answer] = {sink: await delivery.test(sink) for sink in sinks}
    await delivery.aclose()
    for sink, answer in answers.items():
        output.line(answer_line(sink, answer))
    return 0 if all(answer.accepted for answer in answers.values()) else 1


async def _list(settings: Settings) -> int:
    from corpsync_tui.alerts.delivery import Delivery
    from corpsync_tui.clock import Clock

    delivery = Delivery(settings, Clock())
    rows = [(sink, _heard(settings, sink), await delivery.place_of(sink)) for sink in SINKS]
    await delivery.aclose()
    output.lines(output.table(("Sink", "From level", "Where"), rows))
    return 0


def _heard(settings: Settings, sink: str) -> str:
    """From which level on a sink hears, and whether it is sent reports."""
    level = settings.alerts.level_of(sink)
    return f"{level}, monthly report" if settings.alerts.report == sink else level


def _vault(settings: Settings) -> AsyncVault:
    from corpsync_tui.esi.vault import AsyncVault, open_vault

    return AsyncVault(open_vault(settings))
