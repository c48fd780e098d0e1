"""ESI's two limits: token buckets over a sliding window, and the error limit of a fixed minute."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from corpsync_tui.simulator.clock import SimClock
from corpsync_tui.simulator.routes import WINDOW, Route

ERRORS_A_MINUTE = 100
_MINUTE = 60.0


def tokens_for(status: int) -> int:
    """What an answer costs."""
    if status in (420, 429) or status >= 500:
        return 0
    return {2: 2, 3: 1}.get(status // 100, 5)


@dataclass
class Buckets:
    """The tokens spent by (group, character), or by (group, address) where no token is sent."""

    clock: SimClock
    factor: int = 1
    """How many times the document's tokens a bucket holds."""
    enabled: bool = True
    sizes: dict[str, int] = field(default_factory=dict)
    """Sizes of groups that differ from the document's."""
    spent: dict[tuple[str, object], deque[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def retry_after(self, route: Route, who: object) -> int | None:
        """Seconds until a token is free, if the bucket is empty now."""
        if route.group is None or not self.enabled or self._remaining(route, who) > 0:
            return None
        uses = self.spent[route.group, who]
        return max(1, math.ceil(uses[0][0] + WINDOW - self.clock.now())) if uses else 1

    def spend(self, route: Route, who: object, status: int) -> int:
        """Pay for an answer; returns what it cost."""
        cost = tokens_for(status)
        if route.group is not None and cost:
            self.spent[route.group, who].append((self.clock.now(), cost))
        return cost

    def headers(self, route: Route, who: object) -> dict[str, str]:
        """What the answer tells of its bucket."""
        if route.group is None or not self.enabled:
            return {}
        size, remaining = self._size(route), self._remaining(route, who)
        return {
            "X-Ratelimit-Group": route.group,
            "X-Ratelimit-Limit": f"{size}/15m",
            "X-Ratelimit-Remaining": str(max(0, remaining)),
            "X-Ratelimit-Used": str(size - remaining),
        }

    def _size(self, route: Route) -> int:
        return self.sizes.get(route.group or "", route.max_tokens) * self.factor

    def _remaining(self, route: Route, who: object) -> int:
        uses = self.spent[route.group or "", who]
        while uses and uses[0][0] <= self.clock.now() - WINDOW:
            uses.popleft()
        return self._size(route) - sum(cost for _, cost in uses)


@dataclass
class ErrorLimit:
    """Counts the answers that are neither 2xx nor 3xx on routes without a bucket."""

    clock: SimClock
    size: int = ERRORS_A_MINUTE
    _minute: int = 0
    _errors: int = 0

    def blocked(self) -> bool:
        """Whether every route answers 420 until the minute ends."""
        self._turn()
        return self._errors >= self.size

    def count(self, route: Route | None, status: int) -> None:
        """Note an answer."""
        self._turn()
        if (route is None or route.group is None) and status >= 400 and status != 420:
            self._errors += 1

    def headers(self) -> dict[str, str]:
        """What an answer tells of the error limit."""
        self._turn()
        left = _MINUTE - self.clock.now() % _MINUTE
        return {
            "X-ESI-Error-Limit-Remain": str(max(0, self.size - self._errors)),
            "X-ESI-Error-Limit-Reset": str(math.ceil(left)),
        }

    def _turn(self) -> None:
        minute = int(self.clock.now() // _MINUTE)
        if minute != self._minute:
            self._minute, self._errors = minute, 0
