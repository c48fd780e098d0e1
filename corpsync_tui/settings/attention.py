"""The table [attention]: what is worth a director's hand, and from which size on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST = 10**15
"""The largest threshold: more ISK than there is."""

Setting = bool | int
"""False: the rule is off. A number: its threshold. True: on, for a rule without one."""


@dataclass(frozen=True, slots=True)
class AttentionKey:
    """One rule's switch, and its threshold where the default is a number."""

    name: str
    comment: str
    default: Setting = True

    @property
    def has_threshold(self) -> bool:
        """Whether a number may be set."""
        return not isinstance(self.default, bool)


ATTENTION_KEYS = (
    AttentionKey("error", "A data set whose last run failed."),
    AttentionKey("parked", "A data set that lacks a login, a role or a scope."),
    AttentionKey("overdue", "A data set that should have run so many minutes ago.", 30),
    AttentionKey("login", "A character whose login was lost."),
    AttentionKey("token", "A login not renewed for so many days; CCP may forget it.", 25),
    AttentionKey("job_ready", "An industry job that waits to be delivered."),
    AttentionKey("wallet_floor", "The Master wallet holds less ISK than this.", 100_000_000),
    AttentionKey("withdrawal", "More ISK than this left a wallet at once.", 1_000_000_000),
    AttentionKey("member", "A member who came or left."),
    AttentionKey("absent", "A member who has not logged in for so many days.", 90),
    AttentionKey("extraction", "A moon chunk that arrives within so many hours.", 24),
    AttentionKey("order", "A market order that expires within so many hours.", 24),
    AttentionKey(
        "loss",
        "A loss worth more ISK than this, by the prices of the corporation's own trade.",
        100_000_000,
    ),
    AttentionKey("container", "A container touched by somebody for the first time."),
    AttentionKey("recent", "Hours for which something that happened stays in the list.", 48),
    AttentionKey("bell", "Ring the terminal's bell at something new.", default=False),
)
"""Every rule, and two settings of the list itself: `recent` and `bell`."""

ATTENTION_COMMENT = """What needs a hand: `false` switches a rule off, a number is its threshold.
Wallets besides the Master wallet have a floor of their own below [wallet_floors]."""
CHANGES_COMMENT = """The change log: days for which a change is kept; the number of changed rows in
one run above which they are shown as one line; and above which they are only counted, so that
the time before that run can no longer be shown."""
CHANGES_DEFAULTS = {"kept_days": 180, "bulk_rows": 10_000, "packed_rows": 100_000}
CHANGES_RANGES = {
    "kept_days": (1, 36_500),
    "bulk_rows": (0, 1_000_000),
    "packed_rows": (0, 10_000_000),
}
FLOORS_COMMENT = """The least ISK in wallet divisions 2 to 7, such as: 3 = 50000000"""


def attention_value(key: AttentionKey, value: object) -> Setting:
    """The setting to use. Raises `ValueError` with the words that say what would be right."""
    if isinstance(value, bool):
        return key.default if value and key.has_threshold else value
    if key.has_threshold and isinstance(value, int) and 0 <= value <= MOST:
        return value
    right = "false or a whole number" if key.has_threshold else "true or false"
    raise ValueError(f"it must be {right}")


def defaults() -> Mapping[str, Setting]:
    """Every rule as it is without a settings file."""
    return {key.name: key.default for key in ATTENTION_KEYS}
