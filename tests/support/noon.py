"""The hour at which tests take place: far from ESI's daily restart, and the same all day."""

import time

NOON = 43_200
DAY = 86_400


def noon() -> float:
    """Seconds from the machine's time to this day's noon."""
    return NOON - time.time() % DAY
