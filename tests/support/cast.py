"""The processes that pictures and key tests show, however many more there are."""

from corpsync_tui.catalog import ALL

CAST = (
    "members",
    "assets",
    "manufacturing",
    "market",
    "wallet",
    "mining",
    "killmails",
    "container_logs",
)
"""In the order of the Sync screen."""
PROCESSES = tuple(process for process in ALL if process.type in CAST)
