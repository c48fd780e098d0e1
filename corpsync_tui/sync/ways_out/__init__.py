"""Where news of what needs attention goes, besides the screens: one file each, and its line here.

A way out is a function that is given the new items, each once for ever. It must neither wait nor
raise: what takes time it hands to a task or a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from corpsync_tui.sync.attention import Item
from corpsync_tui.sync.ways_out import log

WayOut = Callable[[tuple[Item, ...]], None]

ALL: tuple[WayOut, ...] = (log.tell,)
