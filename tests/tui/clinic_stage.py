"""A clinic without a workspace: frozen facts, and verbs that write down what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpsync_tui.tui.clinic import Duty, EsiFacts, Gauge, Patient, ShownRequest, Today
from tests.support.cast import CAST
from tests.tui.stage import HEDU, OTHER, Said, ago

SCOPES = tuple(f"esi-{name}.read.v1" for name in ("assets", "members", "wallet", "killmails"))
WALLET_SCOPE = SCOPES[2]
TOKENS = {"assets": 10, "wallet": 30, "killmails": 4}


def duties(**changes: Duty) -> tuple[Duty, ...]:
    """One character serves them all, but for what is changed."""
    return tuple(
        changes.get(t) or Duty(f"{HEDU}/{t}", t, "serves", tokens=TOKENS.get(t, 2)) for t in CAST
    )


def well(**changes: object) -> Patient:
    """A director whose login lacks nothing, changed as a test likes."""
    patient = Patient(
        9001,
        "Aldra Vex",
        HEDU,
        "Hedion Freight Union",
        logged_in=ago(3000),
        refreshed=ago(12),
        access_until=ago(-8),
        scopes=SCOPES,
        roles=("Director",),
        roles_until=ago(-40),
        duties=duties(),
    )
    return replace(patient, **changes)  # type: ignore[arg-type]


def blocked(process_type: str, lacks: str, **changes: object) -> Duty:
    """A process that the character cannot serve."""
    duty = Duty(f"{HEDU}/{process_type}", process_type, "blocked", lacks, lacks)
    return replace(duty, **changes)  # type: ignore[arg-type]


def revoked() -> Patient:
    everything = {t: blocked(t, "login") for t in CAST}
    return well(
        needs="login",
        why="the login of Aldra Vex has ended: corpsync login",
        access_until=None,
        duties=duties(**everything),
    )


def sold() -> Patient:
    return replace(revoked(), why="Aldra Vex has a new owner: corpsync login")


def scopeless() -> Patient:
    scope = f"scope:{WALLET_SCOPE}"
    return well(
        scopes=tuple(s for s in SCOPES if s != WALLET_SCOPE),
        missing_scopes=(WALLET_SCOPE,),
        duties=duties(wallet=blocked("wallet", scope)),
    )


def demoted() -> Patient:
    return well(
        roles=("Factory_Manager",),
        missing_roles=("Accountant",),
        duties=duties(wallet=blocked("wallet", "role:Accountant")),
    )


def gone() -> Patient:
    return well(
        corporation_id=OTHER,
        corporation="Sinq Laison Survey",
        left="Hedion Freight Union",
        roles=(),
        duties=(),
    )


def orphan() -> Patient:
    return Patient(None, "Hedion Freight Union", HEDU, "Hedion Freight Union", needs="login")


def helper() -> Patient:
    """An accountant beside the director, who could serve the wallet."""
    mine = {t: blocked(t, "role:Director", parked=None, server="Aldra Vex") for t in CAST}
    mine["wallet"] = Duty(f"{HEDU}/wallet", "wallet", "could", server="Aldra Vex")
    return well(
        character_id=9002,
        name="Borl Dax",
        roles=("Accountant",),
        missing_roles=("Director",),
        duties=duties(**mine),
    )


def facts() -> EsiFacts:
    """An afternoon's traffic: one bucket low, one request refused."""
    whose = "Aldra Vex"
    return EsiFacts(
        status_asked=ago(180),
        players=23_412,
        errors_left=97,
        errors_until=ago(-0.5),
        gauges=(
            Gauge("corp-asset", whose, 1_790, 1800, 900, uses=(("assets", 10),)),
            Gauge("corp-killmail", whose, 4, 30, 900, uses=(("killmails", 4),)),
            Gauge("corp-wallet", whose, 256, 300, 900, uses=(("wallet", 30),)),
            Gauge("killmail", "", 0, 3600, 900, stopped_until=ago(-3)),
        ),
        requests=(
            ShownRequest(
                ago(0.1), "GET", f"/corporations/{HEDU}/assets?page=2", 304, 1, "corp-asset", 0.1
            ),
            ShownRequest(ago(0.2), "POST", "/universe/names", 404, 1, "", 0.31),
            ShownRequest(
                ago(0.3), "GET", f"/corporations/{HEDU}/wallets", 200, 2, "corp-wallet", 1.25
            ),
            ShownRequest(
                ago(0.4), "GET", f"/corporations/{HEDU}/orders", None, 2, "corp-market", 30.0
            ),
        ),
        sent=4,
    )


@dataclass
class StageClinic:
    """Fulfils `ClinicVerbs` for the screens alone."""

    people: Sequence[Patient] = field(default_factory=lambda: [well()])
    state: EsiFacts = field(default_factory=facts)
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def esi(self, today: Today) -> EsiFacts:
        return self.state

    def patients(self, today: Today) -> Sequence[Patient]:
        return self.people

    async def today(self) -> Today:
        return Today(412, 180)

    async def check(self, corporation_id: int | None) -> Said:
        self.asked.append(("check", corporation_id))
        return Said("1 parked process tried again.")

    async def remove(self, character_id: int) -> Said:
        self.asked.append(("remove", character_id))
        return Said("Aldra Vex is logged out; all data stays.")

    async def choose(self, process_id: str, character_id: int | None) -> Said:
        self.asked.append(("choose", process_id, character_id))
        return Said("Wallet is served by Borl Dax.")
