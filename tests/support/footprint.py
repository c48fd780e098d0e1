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
        ours: Counter[str] = Counter()
        for kind, count in Counter(map(type, gc.get_objects())).items():
            name = f"{kind.__module__}.{kind.__qualname__}"
            if name.startswith("corpsync_tui.") and ".simulator" not in name:
                ours[name] += count
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            ours,
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
