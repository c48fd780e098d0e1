"""ESI's token buckets: what is left, and what the next runs want of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corpsync_tui.clock import to_datetime
from corpsync_tui.errors import AuthError
from corpsync_tui.esi.buckets import BucketState
from corpsync_tui.esi.limits import EVERYTHING
from corpsync_tui.service.esi_status import BucketUsage
from corpsync_tui.sync.traffic import Wanted
from corpsync_tui.workspace import Workspace

Key = tuple[str, int | None]
"""Group and character."""


def bucket_usage(workspace: Workspace, wanted: Iterable[Wanted]) -> Iterator[BucketUsage]:
    """The buckets that were used, and those that the next runs will use for the first time."""
    now = workspace.clock.time()
    known: dict[Key, BucketState] = {
        (state.group, state.character_id): state for state in workspace.connection.limits.states()
    }
    uses = _uses(workspace, wanted)
    for key in sorted({*known, *uses}, key=lambda key: (key[0], key[1] or 0)):
        state = known.get(key) or _untouched(workspace, key)
        stopped = state.stopped_until if state.stopped_until > now else None
        if state.limit or stopped:
            yield BucketUsage(
                "everything" if state.group == EVERYTHING else state.group or "error limit",
                _whose(workspace, state.character_id),
                state.remaining,
                state.limit,
                state.window,
                to_datetime(stopped),
                tuple(sorted(uses.get(key, {}).items())),
            )


def _whose(workspace: Workspace, character_id: int | None) -> str:
    if character_id is None:
        return ""
    character = workspace.roster.characters.get(character_id)
    return character.name if character else f"character {character_id}"


def _untouched(workspace: Workspace, key: Key) -> BucketState:
    """A bucket that nothing was taken from yet, as large as the document says."""
    routes = [r for p in workspace.processes.values() for r in p.routes if r.group == key[0]]
    size, window = (routes[0].tokens, routes[0].window) if routes else (0, 0)
    return BucketState(*key, size, window, size, 0.0, 0.0)


def _uses(workspace: Workspace, wanted: Iterable[Wanted]) -> dict[Key, dict[str, int]]:
    """By bucket, what each process type wants of it."""
    found: dict[Key, dict[str, int]] = {}
    for use in wanted:
        process = workspace.processes[use.process_type]
        scoped = any(r.scope for r in process.routes if r.group == use.group)
        server = server_of(workspace, use.process_id) if scoped else None
        if server is not None or not scoped:
            tokens = found.setdefault((use.group, server), {})
            tokens[use.process_type] = tokens.get(use.process_type, 0) + use.tokens
    return found


def server_of(workspace: Workspace, process_id: str) -> int | None:
    """The character that a process would ask with now; None where nobody can serve it."""
    corporation_id, _, process_type = process_id.partition("/")
    try:
        access = workspace.roster.access(int(corporation_id), workspace.processes[process_type])
    except AuthError:
        return None
    return access.first
