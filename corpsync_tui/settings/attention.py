"""The table [attention]: what needs attention, and from which size on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corpsync_tui.catalog_index import board_rules, entries
from corpsync_tui.errors import DeclarationError

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
    many: str = ""
    """What several of its alerts are called, as `Rule.many`."""

    @property
    def has_threshold(self) -> bool:
        """Whether a number may be set."""
        return not isinstance(self.default, bool)


OF_SYNCING = (
    AttentionKey("error", "A data set whose last run failed.", many="processes failed"),
    AttentionKey(
        "parked", "A data set that lacks a login, a role or a scope.", many="processes blocked"
    ),
    AttentionKey(
        "overdue",
        "A data set that should have run so many minutes ago.",
        30,
        many="processes overdue",
    ),
    AttentionKey("login", "A character whose login was lost.", many="logins lost"),
    AttentionKey(
        "token",
        "A login not renewed for so many days; CCP may forget it.",
        25,
        many="logins not renewed for long",
    ),
    AttentionKey("alerts", "A place where alerts are sent that takes none any more."),
)
"""The rules about syncing itself; all others are declared with their tables, in the catalog, or
with the board that reads them."""
OF_THE_LIST = (
    AttentionKey("recent", "Hours for which something that happened stays in the list.", 48),
    AttentionKey("bell", "Ring the terminal's bell at something new.", default=False),
)
"""Settings of the list that are no rules."""

OF_THE_DATABASE = ("database", "unwritten")
"""Rules that nobody can switch off: the database takes nothing."""


def rule_names() -> list[str]:
    """Every rule that can be switched off."""
    others = {key.name for key in OF_THE_LIST}
    return [name for name in attention_keys() if name not in others]


def attention_keys() -> Mapping[str, AttentionKey]:
    """Every key of the table, in the order of the file.

    Raises:
        DeclarationError: Two have the same name.
    """
    rules = [rule for process in entries().values() for rule in process.rules]
    rules += [rule for board in board_rules().values() for rule in board]
    declared = [AttentionKey(rule.name, rule.says, rule.default, rule.many) for rule in rules]
    keys: dict[str, AttentionKey] = {}
    for key in (*OF_SYNCING, *declared, *OF_THE_LIST):
        if key.name in keys:
            raise DeclarationError(f"two settings of [attention] are called {key.name}")
        keys[key.name] = key
    return keys


ATTENTION_COMMENT = """What needs attention: `false` switches a rule off, a number is its threshold.
Wallets besides the Master wallet have a floor of their own below [wallet_floors]."""
CHANGES_COMMENT = """The change log: days for which a change is kept; how many of the newest are
kept one by one, older ones being one line a table and day; the number of changed rows in one run
above which they are shown as one line; and above which they are only counted, so that the time
before that run can no longer be shown."""
CHANGES_DEFAULTS = {
    "kept_days": 180,
    "kept_rows": 200_000,
    "bulk_rows": 10_000,
    "packed_rows": 100_000,
}
CHANGES_RANGES = {
    "kept_days": (1, 36_500),
    "kept_rows": (0, 100_000_000),
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
    return {name: key.default for name, key in attention_keys().items()}
