"""What a simulator is started with: how large its corporation is, and how it behaves."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_CLIENT_ID = "corpsync-simulator"
"""The client id that the simulator's SSO knows."""

DEFAULT_REDIRECT_URI = "http://127.0.0.1:8765/callback"
"""The redirect address registered for that client."""


@dataclass(frozen=True)
class Scale:
    """How many rows each table of a corporation begins with."""

    members: int
    assets: int
    jobs: int
    orders: int
    order_history: int
    journal: int
    """Rows of the busiest division beside those of its transactions; the others have fewer."""
    transactions: int
    """Rows of the busiest division; the others have fewer."""
    observers: int
    ledger: int
    """Rows of each observer."""
    extractions: int
    killmails: int
    container_logs: int
    structures: int
    contracts: int
    projects: int
    notifications: int
    page_size: int = 1000
    """Rows on a page of the routes that tell X-Pages."""
    transaction_limit: int = 2500
    """Rows in one answer of the wallet transactions."""


SCALES = {
    "small": Scale(
        members=30,
        assets=300,
        jobs=25,
        orders=20,
        order_history=15,
        journal=36,
        transactions=60,
        observers=2,
        ledger=30,
        extractions=3,
        killmails=12,
        container_logs=120,
        structures=16,
        contracts=8,
        projects=12,
        notifications=20,
        page_size=100,
        transaction_limit=25,
    ),
    "demo": Scale(
        members=60,
        assets=4300,
        jobs=120,
        orders=90,
        order_history=140,
        journal=1_500,
        transactions=900,
        observers=3,
        ledger=160,
        extractions=4,
        killmails=60,
        container_logs=700,
        structures=24,
        contracts=60,
        projects=16,
        notifications=60,
    ),
    "full": Scale(
        members=180,
        assets=4300,
        jobs=1400,
        orders=420,
        order_history=1250,
        journal=2600,
        transactions=3200,
        observers=5,
        ledger=1200,
        extractions=8,
        killmails=180,
        container_logs=2600,
        structures=60,
        contracts=300,
        projects=40,
        notifications=120,
    ),
}
"""The sizes by name: tests, the demo, and the corporation that acceptance is measured against."""


@dataclass(frozen=True)
class SimulatorConfig:
    """Everything that decides what a simulator serves."""

    scale: Scale = SCALES["small"]
    seed: int = 1
    port: int = 0
    """The port on 127.0.0.1; 0 lets the system choose."""
    corporations: int = 1
    demo: bool = False
    """The world lives, cache times are a sixtieth, answers take a moment, some fail."""
    clock_offset: float = 0.0
    """Seconds that the simulator's clock runs ahead of the machine's."""
    machine: Callable[[], float] = time.time
    """The machine's clock, in Unix seconds; a test that lives in another time gives its own."""
    rotate_refresh_tokens: bool = False
    """Each refresh returns a new refresh token; the old one's reuse revokes its family."""
    client_id: str = DEFAULT_CLIENT_ID
    redirect_uris: tuple[str, ...] = field(default=(DEFAULT_REDIRECT_URI,))
    state_dir: Path | None = None
    """Where the signing key and the refresh tokens last; None keeps them in memory."""
