"""ESI's token buckets: what is left, and what the next runs want of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from corpsync_tui.clock import to_datetime
from corpsync_tui.errors import AuthError
from corpsync_tui.esi.buckets import USUAL_COST, BucketState
from corpsync_tui.esi.limits import EVERYTHING, BucketKey
from corpsync_tui.service.esi_status import BucketUsage
from corpsync_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class NextUse:
    """What the next run of a process wants of one bucket."""

    process_id: str
    process_type: str
    group: str
    tokens: int


def next_uses(workspace: Workspace, urls: Mapping[tuple[str, str], int]) -> Iterator[NextUse]:
    """What the next runs of all processes that are on want.

    Two tokens for each URL that the last run read: `urls` by process id and data set.
    """
    for config in workspace.state.get_configs():
        if not config.enabled:
            continue
        groups = Counter[str]()
        for dataset in workspace.processes[config.process_type].datasets:
            if dataset.route.group is not None:  # else the error limit counts, not tokens
                known = urls.get((config.process_id, dataset.table), 0)
                groups[dataset.route.group] += USUAL_COST * max(1, known)
        for group, tokens in groups.items():
            yield NextUse(config.process_id, config.process_type, group, tokens)


def bucket_usage(
    workspace: Workspace, wanted: Iterable[NextUse], servers: Mapping[str, int | None]
) -> Iterator[BucketUsage]:
    """The buckets that were used, and those that the next runs will use for the first time.

    `servers` is what `find_servers` found.
    """
    now = workspace.clock.time()
    known: dict[BucketKey, BucketState] = {
        (state.group, state.character_id): state for state in workspace.connection.limits.states()
    }
    uses = _uses(workspace, wanted, servers)
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


def _untouched(workspace: Workspace, key: BucketKey) -> BucketState:
    """A bucket that nothing was taken from yet, as large as the document says."""
    routes = [r for p in workspace.processes.values() for r in p.routes if r.group == key[0]]
    size, window = (routes[0].tokens, routes[0].window) if routes else (0, 0)
    return BucketState(*key, size, window, size, 0.0, 0.0)


def _uses(
    workspace: Workspace, wanted: Iterable[NextUse], servers: Mapping[str, int | None]
) -> dict[BucketKey, dict[str, int]]:
    """By bucket, what each process type wants of it."""
    found: dict[BucketKey, dict[str, int]] = {}
    for use in wanted:
        process = workspace.processes[use.process_type]
        scoped = any(r.scope for r in process.routes if r.group == use.group)
        server = servers.get(use.process_id) if scoped else None
        if server is not None or not scoped:
            tokens = found.setdefault((use.group, server), {})
            tokens[use.process_type] = tokens.get(use.process_type, 0) + use.tokens
    return found


def find_servers(workspace: Workspace) -> dict[str, int | None]:
    """By process id, the character that it would ask with now; None where nobody can serve it."""
    return {
        config.process_id: _server_of(workspace, config.corporation_id, config.process_type)
        for config in workspace.state.get_configs()
    }


def _server_of(workspace: Workspace, corporation_id: int, process_type: str) -> int | None:
    try:
        return workspace.roster.access(corporation_id, workspace.processes[process_type]).first
    except AuthError:
        return None
