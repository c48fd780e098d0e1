"""The sync processes, one file each: to add a process is to add its file."""

from importlib import import_module

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.checks import check_catalog
from corpsync_tui.catalog_index import entries


def _load(process_type: str) -> Process:
    process: Process = import_module(f"{__name__}.{process_type}").PROCESS
    return process


ALL: tuple[Process, ...] = tuple(map(_load, entries()))
"""In the order of the Sync screen."""

check_catalog(ALL)
