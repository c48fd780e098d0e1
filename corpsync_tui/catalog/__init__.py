"""The sync processes, one file each. To add a data set is to add one file and its line here."""

from corpsync_tui.catalog import (
    assets,
    container_logs,
    killmails,
    manufacturing,
    market,
    members,
    mining,
    wallet,
)
from corpsync_tui.catalog.kit.base import Process

ALL: tuple[Process, ...] = (
    members.PROCESS,
    assets.PROCESS,
    manufacturing.PROCESS,
    market.PROCESS,
    wallet.PROCESS,
    mining.PROCESS,
    killmails.PROCESS,
    container_logs.PROCESS,
)
"""In the order of the Sync screen."""
