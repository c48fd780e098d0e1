"""Whatever comes in place of an answer is read, or refused in the one way that is documented."""

from __future__ import annotations

import random
import resource
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import pytest

from corpsync_tui.errors import CorpsyncError
from tests.durability.decoders import Decoder, all_decoders, assert_storable
from tests.support.long import Tally

MEMORY = 96 * 1024 * 1024
"""Bytes by which the highest mark may rise: an answer of three records needs none of them."""
WARM = 2_000
"""Turns after which everything is loaded."""
MANY = pytest.param(1_000_000, id="many", marks=pytest.mark.long)


@pytest.mark.parametrize("times", [pytest.param(600, id="few"), MANY])
def test_spoiled_answers_do_no_harm(tmp_path: Path, tally: Tally, times: int) -> None:
    dice, found, before = random.Random(tally.seed), dict[str, str](), 0
    with all_decoders(tmp_path) as decoders:
        quick = [decoder for decoder in decoders if decoder.one_in == 1]
        for number in tally.rounds("answers", times):
            decoder = decoders[number % len(decoders)]
            if dice.randrange(decoder.one_in):
                decoder = dice.choice(quick)
            try:
                tally.count("taken", decoder.turn(dice))
            except Exception as error:
                found.setdefault(*finding(decoder, error))
            if number == WARM:
                before = peak()
        tally.figures["decoders"] = len(decoders)
    tally.figures["findings"] = len(found)
    assert not found, "\n".join(found.values())
    assert not before or peak() - before < MEMORY


DEEP = b'{"zz":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
CLAIMS = b'{"iss":"https://login.example","aud":["corpsync-simulator","EVE Online"],"exp":%b}'
FOUND = [
    *(("notification's text", b"a: !!%b" % tag) for tag in (b"timestamp x", b"bool x", b"int ''")),
    *((name, DEEP) for name in ("word of a holder", "build", "build as kept", "token's header")),
    *((name, DEEP) for name in ("answer of Discord", "status of ESI", "tokens")),
    *(("build as kept", text) for text in (b'"\xff"', b'{"build":{"number":9223372036854775808}}')),
    ("prices", b"[" + DEEP + b"]"),
    ("affiliation", b'[{"corporation_id":9223372036854775808}]'),
    ("build", b'{"_key":"sde","buildNumber":9223372036854775808}'),
    ("command to a holder", b'{"minutes":9223372036854775808}'),
    ("answer of Discord", b'{"retry_after":1' + b"0" * 400 + b"}"),
    *(("claims", CLAIMS % end) for end in (b"1e999", b"1" + b"0" * 400)),
    *(("settings.toml", b"contact = " + text) for text in (b"[" * 9_000, b"9" * 5_000)),
    ("settings.toml", b"contact = 0x" + b"f" * 6_000),
]
"""What once did harm: whose, and what it was given."""


def test_what_once_did_harm_does_none(tmp_path: Path) -> None:
    with all_decoders(tmp_path) as decoders:
        named = {decoder.name: decoder for decoder in decoders}
        for name, given in FOUND:
            for seed in range(20):  # what is left to chance, as the status of the answer
                with suppress(CorpsyncError):
                    assert_storable(named[name].read(random.Random(seed), given))


def finding(decoder: Decoder, error: Exception) -> tuple[str, str]:
    """What an error is of, that it be told once, and its sentence."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{decoder.name}: {type(error).__name__} in {place.name}"
    return where, f"{where}: {error}"[:300]


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
