"""Notifications: what the game writes to each character that is logged in."""

from __future__ import annotations

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.plans import ForEach
from corpsync_tui.esi.routes import Route
from corpsync_tui.store.columns import CorporationTable, Flag, Id, Text, When, Word


class Notification(CorporationTable):
    """A notification. Its `text` is YAML; what is new to corpsync is kept all the same.

    Several characters may get the same one: `character_id` is the first of them.
    """

    is_read = Flag(null=True)
    notification_id = Id("notification", identity=True)
    sender_id = Id("party")
    sender_type = Word()
    text = Text(null=True)
    timestamp = When()
    type = Word()
    character_id = Id("character", added=True)


NOTIFICATIONS = Dataset(
    Notification,
    Route(
        "/characters/{character_id}/notifications",
        cache_seconds=600,
        scope="esi-characters.read_notifications.v1",
        group="char-notification",
        tokens=15,
    ),
    "log",
    plan=ForEach(of="characters", unit="character"),
)

PROCESS = Process(
    "notifications",
    title="Notifications",
    noun="notifications",
    order=130,
    interval_minutes=10,
    demo_minutes=1,
    datasets=[NOTIFICATIONS],
)
