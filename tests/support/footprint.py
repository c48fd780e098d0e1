"""What a process holds: to see that a long life does not make it grow."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Footprint:
    """What a process holds."""

    objects: Counter[str]
    tasks: int
    threads: int
    files: int
    """Open files that are no sockets."""
    sockets: int
    """Both ends of each connection, where the simulator is in this process, and what listens."""
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
        files = list(_open_files())
        sockets = sum(file.startswith("socket:") for file in files)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            ours,
            len(asyncio.all_tasks()),
            threading.active_count(),
            len(files) - sockets,
            sockets,
            pages * os.sysconf("SC_PAGE_SIZE"),
        )

    def grown_to(self, later: Footprint) -> dict[str, int]:
        """Kinds of objects of which there are clearly more."""
        return {
            name: count - self.objects[name]
            for name, count in later.objects.items()
            if count > self.objects[name] * 1.5 + 60
        }


def _open_files() -> Iterator[str]:
    """What each descriptor leads to, but for the folder that lists them."""
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            yield str(descriptor.readlink())
