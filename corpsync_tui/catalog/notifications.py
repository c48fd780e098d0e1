"""Notifications: what the game writes to each character that is logged in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import Row
from corpsync_tui.catalog.kit.describe import ChangeContext
from corpsync_tui.catalog.kit.notices import TICKS, file_time
from corpsync_tui.catalog.kit.plans import ForEach
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.amounts import isk
from corpsync_tui.format.times import moment_of, seconds_of, span_in_words
from corpsync_tui.store.columns import CorporationTable, Flag, Id, Text, When, Word
from corpsync_tui.store.presentation import Presentation


class Notification(CorporationTable):
    """A notification. Its `text` is YAML; what is new to corpsync is kept all the same.

    Several characters may get the same one: `character_id` is the first of them. `party_id` is
    whom the text is about: who attacked, applied, declared war or wants to be paid.
    """

    is_read = Flag(null=True)
    notification_id = Id("notification", identity=True)
    sender_id = Id("party")
    sender_type = Word()
    text = Text(null=True)
    timestamp = When()
    type = Word()
    character_id = Id("character", added=True)
    party_id = Id("party", null=True, added=True)

    presentation = Presentation(
        first=("timestamp", "type", "party_id", "text", "character_id"), newest="timestamp"
    )

    indexes = (("type", "timestamp"),)


PARTY = re.compile(r"^(?:charID|aggressorID|declaredByID|creditorID): ([1-9][0-9]{0,9})$", re.M)


class Notifications(Dataset):
    """Whom a text is about stands in it under several names, and has a name of its own."""

    def transform(self, record: Any, context: Mapping[str, Any]) -> Row:
        """The record, who got it, and whom it is about."""
        found = PARTY.search(record.text or "")
        return super().transform(record, {**context, "party_id": found and int(found[1])})


NOTIFICATIONS = Notifications(
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

EPISODE = 3_600.0
"""Seconds without a notice after which an attack is another one."""
OLDEST_BILL = 60 * 86_400.0
"""Seconds before which no bill that can still be due was written."""


LONGEST_TIMER = 90 * 86_400.0


class Kind(NamedTuple):
    """What a kind of notice is about: a field of its text, and the sentence with its name."""

    field: str
    says: str


ATTACKED = {
    "StructureUnderAttack": Kind("structureID", "{} is under attack"),
    "TowerAlertMsg": Kind("moonID", "The starbase at {} is under attack"),
    "OrbitalAttacked": Kind("planetID", "The customs office at {} is under attack"),
    "SkyhookUnderAttack": Kind("planetID", "The skyhook at {} is under attack"),
    "MercenaryDenAttacked": Kind("planetID", "The mercenary den at {} is under attack"),
    "EntosisCaptureStarted": Kind("solarSystemID", "Sovereignty in {} is under attack"),
}
REINFORCED = {
    "StructureLostShields": Kind("structureID", "{} lost its shields"),
    "StructureLostArmor": Kind("structureID", "{} lost its armor"),
    "OrbitalReinforced": Kind("planetID", "The customs office at {} is reinforced"),
    "SkyhookLostShields": Kind("planetID", "The skyhook at {} lost its shields"),
    "MercenaryDenReinforced": Kind("planetID", "The mercenary den at {} is reinforced"),
    "SovStructureReinforced": Kind("solarSystemID", "The sovereignty hub in {} is reinforced"),
}
LOST = {
    "StructureDestroyed": Kind("structureID", "{} was destroyed"),
    "SkyhookDestroyed": Kind("planetID", "The skyhook at {} was destroyed"),
    "SovStructureDestroyed": Kind("solarSystemID", "The sovereignty hub in {} was destroyed"),
    "OwnershipTransferred": Kind("structureID", "{} has a new owner"),
}
WAR = ("WarDeclared", "AllWarDeclaredMsg", "CorpWarDeclaredMsg", "CorpWarDeclaredV2")
BILL, PAID = "CorpAllBillMsg", "BillPaidCorpAllMsg"
APPLIED = "CorpAppNewMsg"
ANSWERED = (
    "CorpAppAcceptMsg",
    "CorpAppRejectMsg",
    "CorpAppRejectCustomMsg",
    "CharAppAcceptMsg",
    "CharAppRejectMsg",
    "CharAppWithdrawMsg",
)

ELSEWHERE = "elsewhere."
"""Begins the setting that holds when a character was last known to be in another corporation.

After it stand the corporation that it came to, a dot, and the character.
"""

NOTICES = """
SELECT notification_id, type, timestamp, text, party_id
FROM notification INDEXED BY notification_type_timestamp
LEFT JOIN member USING (corporation_id, character_id)
LEFT JOIN setting ON key = '{elsewhere}' || corporation_id || '.' || character_id
WHERE corporation_id = :corporation AND type IN ({kinds}) AND timestamp >= :since
    AND timestamp >= IFNULL(start_date, '') AND timestamp > IFNULL(json_extract(value, '$'), '')
ORDER BY timestamp, notification_id
"""
"""Who came from another corporation brings along what was written to its members."""


class Notice(NamedTuple):
    """A notification that a rule looks at."""

    notification_id: int
    type: str
    timestamp: str
    text: str
    party_id: int | None

    def number(self, name: str) -> int | None:
        """A whole number of the text, or None; the game writes names in either case.

        Rules look at many texts and want one number of each, which stands on a line of its own,
        behind an anchor where it is the id of a structure: no YAML need be read for that.
        """
        found = re.search(rf"^{name}: (?:&\w+ )?(\d{{1,18}})(?:\.\d+)?$", self.text, re.M | re.I)
        return int(found[1]) if found else None


def describe_notification(context: ChangeContext) -> str | None:
    """What it is about, and whom."""
    if context.kind != "added":
        return None
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(context.get("type"))).removesuffix(" Msg")
    party = context.get("party_id")
    return f"{words.capitalize()}{f': {context.names.who(party)}' if party else ''}"


def read_notices(context: RuleContext, kinds: Sequence[str], since: float) -> Iterator[Notice]:
    """Notices of these kinds from a moment on, the oldest first."""
    words = ", ".join(f"'{kind}'" for kind in kinds)
    sql = NOTICES.format(kinds=words, elsewhere=ELSEWHERE)
    for number, kind, when, text, party in context.rows(sql, since=context.esi(since)):
        yield Notice(number, kind, when, text or "", party)


def _news(context: RuleContext, kinds: Sequence[str]) -> Iterator[Notice]:
    return read_notices(context, kinds, context.news_since("notification"))


def _alert(notice: Notice, key: str, sentence: str, level: Any = "high") -> Alert:
    return Alert(
        key,
        sentence,
        level,
        seconds_of(notice.timestamp),
        table_name="notification",
        row_key={"notification_id": notice.notification_id},
    )


def _place(context: RuleContext, notice: Notice, field: str) -> str:
    """The thing or place that a notice is about, or the system around it where it has no name."""
    target, system = notice.number(field), notice.number("solarSystemID")
    name = context.names.known(target) or context.names.known(system)
    return name or f"{field.removesuffix('ID')} {target or 'unknown'}".capitalize()


def find_attacks(context: RuleContext) -> Iterator[Alert]:
    """An attack of late; further notices of it, an hour apart at the most, are no other."""
    began: dict[Any, Notice] = {}
    seen: dict[Any, float] = {}
    for notice in _news(context, tuple(ATTACKED)):
        kind, when = ATTACKED[notice.type], seconds_of(notice.timestamp)
        thing = (notice.type, notice.number(kind.field))
        if when - seen.get(thing, 0.0) > EPISODE:
            began[thing, when] = first = notice
        seen[thing] = when
    for (_, when), first in began.items():
        kind = ATTACKED[first.type]
        by = f" by {context.names.who(first.party_id)}" if first.party_id else ""
        said = kind.says.format(_place(context, first, kind.field))
        yield _alert(first, f"{first.type}/{first.number(kind.field)}/{when:.0f}", said + by)


def find_reinforced(context: RuleContext) -> Iterator[Alert]:
    """What was reinforced of late, and until when."""
    yield from _find(context, REINFORCED)


def find_lost(context: RuleContext) -> Iterator[Alert]:
    """What was destroyed or handed over of late."""
    yield from _find(context, LOST)


def _find(context: RuleContext, kinds: Mapping[str, Kind]) -> Iterator[Alert]:
    """Each event once, however many characters were sent it."""
    known: set[str] = set()
    for notice in _news(context, tuple(kinds)):
        kind = kinds[notice.type]
        key = f"{notice.type}/{notice.number(kind.field)}/{notice.timestamp}"
        if key not in known:
            known.add(key)
            ends = _timer_end(notice)
            until = "" if ends is None else f", until {moment_of(context.esi(ends))} EVE"
            said = kind.says.format(_place(context, notice, kind.field))
            yield _alert(notice, key, said + until)


def _timer_end(notice: Notice) -> float | None:
    """When its timer ends, in Unix seconds: given as a moment or as time left."""
    began = seconds_of(notice.timestamp)
    moments = (notice.number(name) for name in ("reinforceExitTime", "decloakTime"))
    ends = next((float(file_time(moment)) for moment in moments if moment is not None), None)
    if ends is None and (left := notice.number("timeLeft")) is not None:
        ends = began + left / TICKS
    return ends if ends is not None and 0 <= ends - began <= LONGEST_TIMER else None


def find_wars(context: RuleContext) -> Iterator[Alert]:
    """A war that was declared of late, by us or against us."""
    known: set[str] = set()
    for notice in _news(context, WAR):
        enemy = notice.number("againstID")
        key = f"{notice.party_id}/{enemy}/{notice.timestamp}"
        if key not in known:
            known.add(key)
            names = context.names
            said = f"{names.who(notice.party_id)} declared war on {names.who(enemy)}"
            yield _alert(notice, key, said)


def find_bills(context: RuleContext) -> Iterator[Alert]:
    """A bill that is due in some days and was not paid."""
    since, paid, open_ = context.now - OLDEST_BILL, set[Any](), dict[Any, Notice]()
    for notice in read_notices(context, (BILL, PAID), since):
        bill = notice.number("amount"), notice.number("dueDate")
        if notice.type == PAID:
            paid.add(bill)
        else:
            open_.setdefault((notice.party_id, *bill), notice)
    for (creditor, amount, due), notice in open_.items():
        left = (file_time(due) if due else 0) - context.now
        if (amount, due) in paid or not 0 < left <= context.threshold * 86_400:
            continue
        whom = f" to {context.names.who(creditor)}" if creditor else ""
        said = f"A bill of {isk(amount)}{whom} is due in {span_in_words(left)}"
        yield _alert(notice, f"{creditor}/{amount}/{due}", said)


def find_applicants(context: RuleContext) -> Iterator[Alert]:
    """Who applied of late and got no answer yet."""
    waiting: dict[int, Notice] = {}
    for notice in _news(context, (APPLIED, *ANSWERED)):
        if notice.party_id is not None:
            if notice.type == APPLIED:
                waiting[notice.party_id] = notice
            else:
                waiting.pop(notice.party_id, None)
    for who, notice in waiting.items():
        said = f"{context.names.who(who)} has applied to the corporation"
        yield _alert(notice, f"{who}/{notice.timestamp}", said, "low")


PROCESS = Process(
    "notifications",
    title="Notifications",
    noun="notifications",
    order=130,
    interval_minutes=10,
    demo_minutes=1,
    datasets=[NOTIFICATIONS],
    describe={Notification: describe_notification},
    rules=[
        Rule(
            "attacked",
            find_attacks,
            says="Something of the corporation's is under attack.",
            many="attacks",
        ),
        Rule(
            "reinforced",
            find_reinforced,
            says="Something that was reinforced.",
            many="reinforced",
        ),
        Rule(
            "destroyed",
            find_lost,
            says="Something that was destroyed or has a new owner.",
            many="destroyed or handed over",
        ),
        Rule(
            "war",
            find_wars,
            says="A war that was declared.",
            many="wars declared",
        ),
        Rule(
            "bill",
            find_bills,
            says="A bill that is due within so many days.",
            many="bills due",
            default=3,
        ),
        Rule(
            "applicant",
            find_applicants,
            says="Somebody who applied to the corporation.",
            many="applicants",
        ),
    ],
)
