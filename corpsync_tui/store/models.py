"""The tables that no process fills from pages: status, schedule, history, validators, names.

Times are Unix seconds. The tables of the data sets are declared in `catalog/`.
"""

from __future__ import annotations

import re

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    FloatField,
    IntegerField,
    Model,
    TextField,
)

from corpsync_tui.store.binding import database


def _table_name(model: type[Model]) -> str:
    """`SyncStatusRow` is a row of `sync_status`."""
    return re.sub(r"\B(?=[A-Z])", "_", model.__name__.removesuffix("Row")).lower()


class Base(Model):
    """Bound to the calling thread's connection."""

    class Meta:
        """For peewee."""

        database = database
        table_function = _table_name


class SyncStatusRow(Base):
    """Where one process stands."""

    process_id = TextField(primary_key=True)
    status = TextField(default="idle")
    progress = FloatField(default=0.0)
    current_step = TextField(default="")
    last_run_time = FloatField(null=True)
    last_success_time = FloatField(null=True)
    next_run_time = FloatField(null=True)
    current_until = FloatField(null=True)
    error_kind = TextField(null=True)
    error_message = TextField(null=True)
    error_count = IntegerField(default=0)
    failing_since = FloatField(null=True)
    items_processed = IntegerField(default=0)
    total_items = IntegerField(null=True)
    needs = TextField(null=True)


class SyncScheduleRow(Base):
    """What the director asked of one process; he may edit it by hand while nothing is open."""

    process_id = TextField(primary_key=True)
    process_type = TextField()
    enabled = BooleanField(default=True)
    interval_minutes = FloatField()
    next_run_time = FloatField(null=True)


class SyncHistoryRow(Base):
    """One execution of a process."""

    id = AutoField()
    process_id = TextField()
    process_type = TextField()
    corporation_id = BigIntegerField()
    trigger = TextField()
    start_time = FloatField()
    duration = FloatField(null=True)
    result = TextField()
    items = IntegerField(default=0)
    rows_added = IntegerField(default=0)
    rows_changed = IntegerField(default=0)
    rows_removed = IntegerField(default=0)
    requests_sent = IntegerField(default=0)
    not_modified = IntegerField(default=0)
    items_failed = IntegerField(default=0)
    error_kind = TextField(null=True)
    error_message = TextField(null=True)
    note = TextField(null=True)
    current_until = FloatField(null=True)

    class Meta:
        """For peewee."""

        indexes = ((("process_id", "id"), False),)


class ValidatorRow(Base):
    """What is known of the copy in hand of one URL, and which rows came with it."""

    process_id = TextField()
    dataset = TextField()
    url = TextField()
    etag = TextField(null=True)
    last_modified = TextField(null=True)
    expires = FloatField()
    pages = IntegerField(default=1)
    rows = IntegerField(default=0)
    keys = BlobField(default=b"")
    cursor_after = TextField(null=True)
    refused = IntegerField(null=True)

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("process_id", "dataset", "url")


class Change(Base):
    """What a run did to one row of a table; `bulk`: to so many that they were only counted.

    `row_key`, `before` and `after` are JSON objects of columns: the row's identity; of a changed
    row those that differ; of an added or removed one all others that are not NULL.
    """

    id = AutoField()
    run_id = IntegerField(index=True)
    time = FloatField()
    corporation_id = BigIntegerField()
    table_name = TextField()
    kind = TextField()
    row_key = TextField(null=True)
    before = TextField(null=True)
    after = TextField(null=True)

    class Meta:
        """For peewee."""

        indexes = (
            (("table_name", "row_key"), False),
            (("table_name", "corporation_id", "time"), False),
            (("table_name", "id"), False),
        )


class ChangePack(Base):
    """The rows of a `bulk` change, compressed; none where they were too many."""

    change_id = IntegerField(primary_key=True)
    rows = BlobField()


class ChangeStart(Base):
    """Since when the changes of a table are logged: its first load is no news."""

    corporation_id = BigIntegerField()
    table_name = TextField()
    time = FloatField()

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("corporation_id", "table_name")


class Alert(Base):
    """A fact that needs attention, or needed it; `closed` since its cause is gone."""

    corporation_id = BigIntegerField()
    rule = TextField()
    dedupe_key = TextField()
    level = TextField()
    sentence = TextField()
    action = TextField()
    since = FloatField(null=True)
    process_type = TextField(null=True)
    table_name = TextField(null=True)
    row_key = TextField(null=True)
    opens = TextField(default="row")
    first_seen = FloatField()
    last_seen = FloatField()
    seen = BooleanField(default=False)
    closed = FloatField(null=True)

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("corporation_id", "rule", "dedupe_key")


class AlertMute(Base):
    """What is not shown until a moment, or for ever: one alert, a rule's, or a row's."""

    corporation_id = BigIntegerField()
    scope = TextField()
    key = TextField()
    until = FloatField(null=True)

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("corporation_id", "scope", "key")


class AlertOutbox(Base):
    """A message about an alert that a sink is to bring: `waiting`, `held` for the end of the quiet
    hours, `sent` once the sink said so, or `stale`. `payload` is a JSON object."""

    id = AutoField()
    sink = TextField()
    fact = TextField()
    level = TextField()
    payload = TextField()
    made = FloatField()
    tries = IntegerField(default=0)
    next_try = FloatField()
    state = TextField(default="waiting")

    class Meta:
        """For peewee."""

        indexes = ((("sink", "state"), False),)


class EveName(Base):
    """The name of anything in New Eden."""

    id = BigIntegerField(primary_key=True)
    name = TextField()
    category = TextField()
    fetched_at = FloatField()


class NamelessId(Base):
    """An id whose name is still to be looked up, and when to ask for it."""

    id = BigIntegerField(primary_key=True)
    kind = TextField(null=True)
    """`moon` or `planet`, which have routes of their own; NULL for all others."""
    reason = TextField()
    """`new`, or what ESI said: `unknown`, `forbidden`, `odd`."""
    ask_again = FloatField()
    attempts = IntegerField(null=True)
    """Answers without a name so far."""
    corporation_id = BigIntegerField(null=True)
    """In whose tables it stands: a structure is asked for by a character of that corporation."""


class Character(Base):
    """A character that logged in. Its refresh token is in the keyring, never here."""

    character_id = BigIntegerField(primary_key=True)
    name = TextField()
    owner = TextField()
    corporation_id = BigIntegerField(null=True)
    corporation_until = FloatField(null=True)
    scopes = TextField(default="[]")
    roles = TextField(default="[]")
    roles_until = FloatField(null=True)
    needs = TextField(null=True)
    logged_in_at = FloatField()
    renewed_at = FloatField(null=True)


class Corporation(Base):
    """A corporation whose data is kept here."""

    corporation_id = BigIntegerField(primary_key=True)
    name = TextField()
    ticker = TextField()
    fetched_at = FloatField(null=True)


class MarketPrice(Base):
    """ISK for one of a type, as ESI's `/markets/prices` says: for all corporations together."""

    type_id = BigIntegerField(primary_key=True)
    adjusted_price = FloatField(null=True)
    average_price = FloatField(null=True)


class InsurancePrice(Base):
    """ISK that a ship's best insurance costs and pays, as ESI's `/insurance/prices` says."""

    type_id = BigIntegerField(primary_key=True)
    cost = FloatField()
    payout = FloatField()


class PriceDay(Base):
    """The average price of a type on a day (EVE time) on which it was owned, mined or killed.

    It never changes, so that what was told of that day stays true.
    """

    day = TextField()
    type_id = BigIntegerField()
    average_price = FloatField()

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("day", "type_id")
        without_rowid = True


class Presence(Base):
    """How many members were online in an hour of a day (EVE time): the most at any of its syncs."""

    corporation_id = BigIntegerField()
    day = TextField()
    hour = IntegerField()
    count = IntegerField()

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("corporation_id", "day", "hour")
        without_rowid = True


class MemberSeen(Base):
    """A day (EVE time) on which a member logged on or off, or was online at a sync."""

    corporation_id = BigIntegerField()
    character_id = BigIntegerField()
    day = TextField()

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("corporation_id", "character_id", "day")
        without_rowid = True


class ValueDay(Base):
    """What lay in a hangar division at the end of a day (EVE time), in ISK; 0 is all else."""

    corporation_id = BigIntegerField()
    day = TextField()
    division = IntegerField()
    value = FloatField()

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("corporation_id", "day", "division")
        without_rowid = True


class PlaceValueDay(Base):
    """What lay in a hangar division (0 is all else) of a place at the end of a day, in ISK."""

    corporation_id = BigIntegerField()
    day = TextField()
    location_id = BigIntegerField()
    division = IntegerField()
    value = FloatField()

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("corporation_id", "day", "location_id", "division")
        without_rowid = True


class SrpMark(Base):
    """What somebody decided of a loss: `to_pay`, `paid`, `refused`, or `open` again.

    The newest of a killmail holds; the view `srp` has those.
    """

    corporation_id = BigIntegerField()
    killmail_id = BigIntegerField()
    time = FloatField()
    state = TextField()
    paid = FloatField(null=True)
    by = TextField()
    note = TextField()

    class Meta:
        """For peewee."""

        primary_key = CompositeKey("corporation_id", "killmail_id", "time")
        without_rowid = True


class LimitBucket(Base):
    """What is left of one of ESI's buckets, so that a restart does not overdraw it."""

    key = TextField(primary_key=True)
    state = TextField()
    updated_at = FloatField()


class Setting(Base):
    """What the screens and the schedule remember, as JSON."""

    key = TextField(primary_key=True)
    value = TextField()


class Command(Base):
    """What another program asked of the holder of the data folder; `store.commands` says how."""

    id = AutoField()
    made = FloatField()
    valid_until = FloatField()
    by_pid = IntegerField()
    verb = TextField()
    arguments = TextField()
    state = TextField(default="new")
    answer = TextField(null=True)


class Watcher(Base):
    """A program that shows what the holder of the data folder does, and when it last said so."""

    pid = IntegerField(primary_key=True)
    seen = FloatField()


MODELS: tuple[type[Base], ...] = (
    SyncStatusRow,
    SyncScheduleRow,
    SyncHistoryRow,
    ValidatorRow,
    Change,
    ChangePack,
    ChangeStart,
    Alert,
    AlertMute,
    AlertOutbox,
    EveName,
    NamelessId,
    Character,
    Corporation,
    MarketPrice,
    InsurancePrice,
    PriceDay,
    Presence,
    MemberSeen,
    ValueDay,
    PlaceValueDay,
    SrpMark,
    LimitBucket,
    Setting,
    Command,
    Watcher,
)
"""All of them, in the order they are created."""
