"""What notifications tell that needs attention, and what does not."""

from __future__ import annotations

from typing import Any

from tests.alerts.support import DAY, HOUR, Case, Home, esi, later
from tests.support.database import CORPORATION, NOW

FILETIME_EPOCH = 11_644_473_600
OUTSIDER = 90_000_077


def filetime(seconds: float) -> int:
    return int((seconds + FILETIME_EPOCH) * 10_000_000)


def notify(home: Home, kind: str, ago: float = HOUR, id_: int = 1, **fields: Any) -> None:
    """A notice, and what its text says; whom it is about stands in a column as well."""
    parties = ("charID", "aggressorID", "declaredByID", "creditorID")
    home.put(
        "notification",
        notification_id=id_,
        sender_id=1,
        sender_type="corporation",
        timestamp=esi(NOW - ago),
        type=kind,
        character_id=1,
        party_id=next((fields[name] for name in parties if name in fields), None),
        text="".join(f"{name}: {value}\n" for name, value in fields.items()),
    )


def upwell(home: Home, kind: str, ago: float = HOUR, id_: int = 1, **fields: Any) -> None:
    """As CCP writes it: the structure's id is an anchor."""
    where = {"solarsystemID": 30_000_142, "structureID": "&id001 1035466617946"}
    notify(home, kind, ago, id_, **where, again="*id001", **fields)


def bill(home: Home, days: float, kind: str = "CorpAllBillMsg", id_: int = 1) -> None:
    due = {"amount": 120_000_000, "dueDate": filetime(NOW + days * DAY)}
    notify(home, kind, 20 * DAY, id_, creditorID=1_000_125, **due)


CASES = [
    Case(
        "attacked",
        lambda h: upwell(h, "StructureUnderAttack", charID=OUTSIDER),
        "Structure 1035466617946 is under attack by Character 90000077",
        lambda h: upwell(h, "StructureWentHighPower"),
        later(3 * DAY),
    ),
    Case(
        "reinforced",
        lambda h: upwell(h, "StructureLostShields", timeLeft=36_000_000_000),
        "Structure 1035466617946 lost its shields, until ",
        lambda h: upwell(h, "StructureUnderAttack", charID=OUTSIDER),
        later(3 * DAY),
    ),
    Case(
        "destroyed",
        lambda h: upwell(h, "StructureDestroyed"),
        "Structure 1035466617946 was destroyed",
        lambda h: upwell(h, "StructureOnline"),
        later(3 * DAY),
    ),
    Case(
        "war",
        lambda h: notify(h, "WarDeclared", declaredByID=98_000_555, againstID=CORPORATION),
        "Corporation 98000555 declared war on Corporation 98000001",
        lambda h: notify(h, "WarRetracted", declaredByID=98_000_555, againstID=CORPORATION),
        later(3 * DAY),
    ),
    Case(
        "bill",
        lambda h: bill(h, 2.5),
        "A bill of 120.0 M to Corporation 1000125 is due in 2 days",
        lambda h: bill(h, 3.5),
        lambda h: bill(h, 2.5, "BillPaidCorpAllMsg", 2),
    ),
    Case(
        "applicant",
        lambda h: notify(h, "CorpAppNewMsg", charID=OUTSIDER, corpID=CORPORATION),
        "Character 90000077 has applied to the corporation",
        lambda h: notify(h, "CharLeftCorpMsg", charID=OUTSIDER),
        lambda h: notify(h, "CorpAppAcceptMsg", ago=60, id_=2, charID=OUTSIDER),
    ),
]
