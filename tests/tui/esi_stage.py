"""ESI and characters without a workspace: frozen records."""

from __future__ import annotations

from dataclasses import replace

from corpsync_tui.esi.requestlog import SentRequest
from corpsync_tui.service.esi_status import (
    BucketUsage,
    CharacterStatus,
    EsiStatus,
    ProcessAccess,
    ReferenceStatus,
    ScopeUse,
)
from tests.support.cast import CAST
from tests.tui.stage import HEDU, OTHER, ago

SCOPES = tuple(f"esi-{name}.read.v1" for name in ("assets", "members", "wallet", "killmails"))
WALLET_SCOPE = SCOPES[2]
TOKENS = {"assets": 10, "wallet": 30, "killmails": 4}


def processes(**changes: ProcessAccess) -> tuple[ProcessAccess, ...]:
    """One character serves every process, but for what is changed."""
    return tuple(
        changes.get(t) or ProcessAccess(f"{HEDU}/{t}", t, "serves", tokens=TOKENS.get(t, 2))
        for t in CAST
    )


def well(**changes: object) -> CharacterStatus:
    """A director whose login lacks nothing, changed as a test likes."""
    character = CharacterStatus(
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
        processes=processes(),
    )
    return replace(character, **changes)  # type: ignore[arg-type]


def blocked(process_type: str, lacks: str, **changes: object) -> ProcessAccess:
    """A process that the character cannot serve."""
    access = ProcessAccess(f"{HEDU}/{process_type}", process_type, "blocked", lacks, lacks)
    return replace(access, **changes)  # type: ignore[arg-type]


def revoked() -> CharacterStatus:
    everything = {t: blocked(t, "login") for t in CAST}
    return well(
        needs="login",
        why="the login of Aldra Vex has ended: corpsync login",
        access_until=None,
        processes=processes(**everything),
    )


def sold() -> CharacterStatus:
    return replace(revoked(), why="Aldra Vex has a new owner: corpsync login")


def scopeless() -> CharacterStatus:
    scope = f"scope:{WALLET_SCOPE}"
    return well(
        scopes=tuple(s for s in SCOPES if s != WALLET_SCOPE),
        missing_scopes=(ScopeUse(WALLET_SCOPE, "Wallet: wallet balances, wallet journal"),),
        processes=processes(wallet=blocked("wallet", scope)),
    )


def demoted() -> CharacterStatus:
    return well(
        roles=("Factory_Manager",),
        missing_roles=("Accountant",),
        processes=processes(wallet=blocked("wallet", "role:Accountant")),
    )


def gone() -> CharacterStatus:
    return well(
        corporation_id=OTHER,
        corporation="Sinq Laison Survey",
        left="Hedion Freight Union",
        roles=(),
        processes=(),
    )


def orphan() -> CharacterStatus:
    return CharacterStatus(
        None, "Hedion Freight Union", HEDU, "Hedion Freight Union", needs="login"
    )


def helper() -> CharacterStatus:
    """An accountant beside the director, who could serve the wallet."""
    mine = {t: blocked(t, "role:Director", parked=None, server="Aldra Vex") for t in CAST}
    mine["wallet"] = ProcessAccess(f"{HEDU}/wallet", "wallet", "could", server="Aldra Vex")
    return well(
        character_id=9002,
        name="Borl Dax",
        roles=("Accountant",),
        missing_roles=("Director",),
        processes=processes(**mine),
    )


def esi(*characters: CharacterStatus) -> EsiStatus:
    """An afternoon's traffic: one bucket low, one request refused."""
    whose = "Aldra Vex"
    return EsiStatus(
        status_asked=ago(180),
        reference=ReferenceStatus(ago(60), 3_142_455, ago(4 * 1440), ago(180)),
        players=23_412,
        errors_left=97,
        errors_until=ago(-0.5),
        buckets=(
            BucketUsage("corp-asset", whose, 1_790, 1800, 900, uses=(("assets", 10),)),
            BucketUsage("corp-killmail", whose, 4, 30, 900, uses=(("killmails", 4),)),
            BucketUsage("corp-wallet", whose, 256, 300, 900, uses=(("wallet", 30),)),
            BucketUsage("killmail", "", 0, 3600, 900, stopped_until=ago(-3)),
        ),
        requests=(
            SentRequest(
                ago(0.1).timestamp(),
                "GET",
                f"/corporations/{HEDU}/assets?page=2",
                9001,
                "corp-asset",
                304,
                1,
                0.1,
            ),
            SentRequest(ago(0.2).timestamp(), "POST", "/universe/names", 9001, "", 404, 1, 0.31),
            SentRequest(
                ago(0.3).timestamp(),
                "GET",
                f"/corporations/{HEDU}/wallets",
                9001,
                "corp-wallet",
                200,
                2,
                1.25,
            ),
            SentRequest(
                ago(0.4).timestamp(),
                "GET",
                f"/corporations/{HEDU}/orders",
                9001,
                "corp-market",
                None,
                2,
                30.0,
            ),
        ),
        sent=4,
        requests_today=412,
        unchanged_today=180,
        characters=characters or (well(),),
    )
