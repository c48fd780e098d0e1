"""What a process holds: to see that a long life does not make it grow."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Footprint:
    """What a process holds."""

    objects: Counter[str]
    tasks: int
    threads: int
    files: int
    memory: int

    @classmethod
    def now(cls) -> Footprint:
        """What is held now."""
        gc.collect()
        kinds = (type(each) for each in gc.get_objects())
        names = (f"{k.__module__}.{k.__qualname__}" for k in kinds)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            Counter(n for n in names if n.startswith("corpsync_tui.") and ".simulator" not in n),
            len(asyncio.all_tasks()),
            threading.active_count(),
            len(list(Path("/proc/self/fd").iterdir())),
            pages * os.sysconf("SC_PAGE_SIZE"),
        )

    def grown_to(self, later: Footprint) -> dict[str, int]:
        """Kinds of objects of which there are clearly more."""
        return {
            name: count - self.objects[name]
            for name, count in later.objects.items()
            if count > self.objects[name] * 1.5 + 60
        }
