"""`python -m corpsync_tui.simulator`: serves until its standard input ends or SIGTERM comes.

When it listens it prints one line of JSON, which says where and for whom. Since its standard
input ends with whoever started it, it never outlives them.
"""

import argparse
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from corpsync_tui.simulator.config import (
    DEFAULT_REDIRECT_URI,
    SCALES,
    SimulatorConfig,
)
from corpsync_tui.simulator.server import Simulator


def _parse(argv: list[str] | None) -> SimulatorConfig:
    parser = argparse.ArgumentParser(prog="corpsync_tui.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--demo", action="store_true", help="live, with cache times of seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", choices=SCALES, help="how large the corporation is")
    parser.add_argument("--assets", type=int, help="how many assets it owns")
    parser.add_argument("--corporations", type=int, default=1)
    parser.add_argument("--state-dir", type=Path, help="where key and refresh tokens last")
    parser.add_argument("--callback", action="append", help="a redirect address to register")
    parser.add_argument("--clock-offset", type=float, default=0.0)
    parser.add_argument("--rotate", action="store_true", help="rotate refresh tokens")
    options = parser.parse_args(argv)
    scale = SCALES[options.scale or ("demo" if options.demo else "small")]
    if options.assets is not None:
        scale = replace(scale, assets=options.assets)
    return SimulatorConfig(
        scale=scale,
        seed=options.seed,
        port=options.port,
        corporations=options.corporations,
        demo=options.demo,
        clock_offset=options.clock_offset,
        rotate_refresh_tokens=options.rotate,
        redirect_uris=(DEFAULT_REDIRECT_URI, *(options.callback or ())),
        state_dir=options.state_dir,
    )


def main(argv: list[str] | None = None) -> int:
    """Serve, and return when the starter is gone."""
    simulator = Simulator(_parse(argv)).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    hello = {
        "url": simulator.url,
        "static_url": simulator.static_url,
        "pid": os.getpid(),
        "corporation_id": simulator.corporation_id,
        "character_id": simulator.character_id,
        "client_id": simulator.config.client_id,
    }
    print(json.dumps(hello), flush=True)
    try:
        while sys.stdin.buffer.read(4096):
            pass
    finally:
        simulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
