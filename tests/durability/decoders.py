"""Everything that reads what others wrote, each with sound samples and what it may raise."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import math
import random
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from corpsync_tui.alerts.sinks.post import post_json
from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.dataset import Dataset, added_columns
from corpsync_tui.catalog.kit.decoder import decode_each, hash_row
from corpsync_tui.catalog.kit.notices import read_notice
from corpsync_tui.catalog.kit.plans import Batch
from corpsync_tui.catalog.notifications import PARTY
from corpsync_tui.decoding import UNREADABLE, Int64
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi import headers
from corpsync_tui.esi.downtime import Downtime
from corpsync_tui.esi.http import Http, Reply
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.sso import DISCOVERY, Sso
from corpsync_tui.esi.statuses import classify
from corpsync_tui.esi.verification import Expectation, verify
from corpsync_tui.names.resolver import Name, Place
from corpsync_tui.reference.archive import Watch, load
from corpsync_tui.reference.builds import find_build, load_known
from corpsync_tui.reference.prices import INSURANCE, MARKET
from corpsync_tui.service.holder import read_command
from corpsync_tui.service.live import KEY, read_live
from corpsync_tui.settings import load_settings
from corpsync_tui.simulator.keys import Signer, shared_key
from corpsync_tui.store.commands import Command
from corpsync_tui.sync.roster import affiliation_in, corporation_in, roles_in
from corpsync_tui.text import one_line
from tests.catalog.test_wire import body, record_of
from tests.support.clock import START, ManualClock
from tests.support.esi import ASSETS, Options
from tests.support.mutator import spoil
from tests.support.static_data import MEMBERS, RELEASED, archive

Dice = random.Random
LIMITED = (*(429,) * 10, 200, 204, 400, 404, 500)
STATUSES = (200, 204, 302, 304, 400, 401, 403, 404, 413, 420, 422, 429, 500, 503)


@dataclass(frozen=True)
class Decoder:
    """Something that reads, and bytes that it reads without a word."""

    name: str
    samples: Sequence[bytes]
    read: Callable[[Dice, bytes], object]
    """Reads spoiled bytes: what it found. Raises a `CorpsyncError` where it can make nothing of
    them, and nothing else."""
    one_in: int = 1
    """Of how many turns it takes one: those that write files are slow."""

    def turn(self, dice: Dice) -> bool:
        """Spoil a sample and have it read; whether it was taken. What was found can be stored."""
        spoiled = spoil(dice, dice.choice(self.samples))
        try:
            found = self.read(dice, spoiled)
        except CorpsyncError as error:
            found, taken = one_line(error.message), False
        else:
            taken = True
        assert_storable(found)
        return taken


def assert_storable(value: Any) -> None:
    """SQLite takes it, and whoever shows it can count with it."""
    match value:
        case bool() | None | bytes():
            return
        case str():
            value.encode()
        case int():
            assert -(2**63) <= value < 2**63, "no 64-bit integer"
        case float():
            assert math.isfinite(value), "no finite number"
        case dict():
            for pair in value.items():
                assert_storable(pair)
        case list() | tuple() | set() | frozenset():
            for each in value:
                assert_storable(each)
        case Secret():
            assert_storable(value.reveal())
        case msgspec.Struct():
            assert_storable(msgspec.structs.astuple(value))


class Server(Http):
    """Answers every request with the same bytes, without a network."""

    def __init__(self) -> None:
        super().__init__(ManualClock(), "director@corporation.example")
        self.replies: dict[str, Reply] = {}
        self.reply = Reply(200, {}, b"", START)

    async def send(self, method: str, url: str | Secret, **_: Any) -> Reply:
        return self.replies.get(url if isinstance(url, str) else "", self.reply)


def run(runner: asyncio.Runner, work: Any) -> Any:
    return runner.run(work)


def datasets() -> Iterator[Decoder]:
    """An answer of each data set, with one record and with three."""
    for dataset in (d for process in ALL for d in process.datasets):
        if isinstance(dataset.plan, Batch):
            sample = json.dumps([{dataset.plan.key: 7, dataset.plan.column: "Rifter"}] * 3)
            yield Decoder(f"filled {dataset.table}", [sample.encode()], filled)
        else:
            record, bare = record_of(dataset), record_of(dataset, whole=False)
            samples = [body(dataset, record), body(dataset, record, bare, record)]
            yield Decoder(dataset.table, samples, parsing(dataset))


def filled(_: Dice, spoiled: bytes) -> object:
    return decode_each(spoiled, dict[str, Int64 | str])


def parsing(dataset: Dataset) -> Callable[[Dice, bytes], object]:
    added = dict.fromkeys((name for names in added_columns(dataset.model) for name in names), 1)

    def read(_: Dice, spoiled: bytes) -> object:
        parsed = dataset.parse(spoiled, {**added, "alike": Counter[Any]()})
        if dataset.tracked and not dataset.children:
            dataset.packed(parsed.rows[0])
        return parsed.rows, [hash_row(row) for row in parsed.rows[0]]

    return read


NOTICES = (
    b"solarsystemID: 30000142\nstructureID: &id001 1035466617946\nagain: *id001\ncharID: 90000077\n"
    b"timeLeft: 36000000000\nreinforceExitTime: 134000000000000000\nlist:\n- 1\n- {a: 2}\n",
    b"amount: 120000000.0\ndueDate: 134000000000000000\ncreditorID: 1000125\nbody: 'a\n\n  b'\n",
    b"declaredByID: 98000555\nagainstID: 98000001\nwarHQ: <b>Jita \xe2\x80\x93 4</b>\nx: null\n"
    b"when: 2026-09-21T12:00:00Z\nfirst: 2026-09-21\nflag: yes\nratio: .5\nhex: 0x1F\n",
)


def notice(_: Dice, spoiled: bytes) -> object:
    """As deep as a notice is read; it makes nothing of what it cannot read."""
    text = spoiled.decode(errors="replace")
    found = read_notice(text)
    party = PARTY.search(text)
    assert isinstance(found, dict)
    return party and int(party[1])


def side_data() -> Iterator[Decoder]:
    """What comes beside a corporation's rows."""
    names = [{"id": 7, "name": "Aldra Vex", "category": "character"}] * 3
    yield Decoder("names", [json.dumps(names).encode()], lambda _, b: decode_each(b, list_of(Name)))
    yield Decoder("place", [b'{"name":"Jita IV","solar_system_id":3}'], place)
    prices = [{"type_id": 34, "adjusted_price": 4.2, "average_price": 5}] * 3
    yield Decoder("prices", [json.dumps(prices).encode()], lambda _, b: MARKET.decode(b))
    levels = [
        {"name": "Basic", "cost": 1.5, "payout": 9},
        {"name": "Gold", "cost": 2, "payout": 8.5},
    ]
    ships = json.dumps([{"type_id": 587, "levels": levels}] * 2).encode()
    yield Decoder("insurances", [ships], lambda _, b: INSURANCE.decode(b))
    yield Decoder(
        "affiliation", [b'[{"character_id":7,"corporation_id":98}]'], lambda _, b: affiliation_in(b)
    )
    yield Decoder("roles", [b'{"roles":["Director","Trader"]}'], lambda _, b: roles_in(b))
    yield Decoder(
        "corporation", [b'{"name":"Hedion","ticker":"HEDU"}'], lambda _, b: corporation_in(b)
    )
    yield Decoder("notification's text", NOTICES, notice)


def list_of(kind: Any) -> Any:
    return kind


def place(_: Dice, spoiled: bytes) -> object:
    """As the resolver reads it."""
    try:
        return msgspec.json.decode(spoiled, type=Place)
    except UNREADABLE as error:
        raise CorpsyncError("odd") from error


HEADERS = (
    b"Mon, 21 Sep 2026 12:00:00 GMT",
    b"3",
    b'W/"abc-1"',
    b"public, max-age=300",
    b"600/15m",
    b"-1",
    b"1.5",
)


def read_headers(dice: Dice, spoiled: bytes) -> object:
    """Every header with the same text, or with another one."""
    text = spoiled.decode("latin-1")
    names = "date expires last-modified etag x-pages retry-after cache-control x-ratelimit-limit"
    names += " x-ratelimit-remaining x-ratelimit-used x-ratelimit-group x-ratelimit-reset-after"
    found = {name: text for name in names.split() if dice.random() < 0.7}
    limit = headers.RateLimit.of(found)
    return (
        headers.pages(found),
        headers.expiry(found, START, 300),
        headers.retry_after(found, START),
        headers.last_modified(found, START),
        headers.entity_tag(text),
        headers.date(found, START),
        (limit.limit, limit.window, limit.remaining),
    )


def answers(runner: asyncio.Runner) -> Iterator[Decoder]:
    """What is read of an answer before it is known to be the one that was asked for."""
    server = Server()

    def refusal(dice: Dice, spoiled: bytes) -> object:
        reply = Reply(dice.choice(STATUSES), {"x-esi-request-id": "a"}, spoiled, START)
        found = classify(ASSETS, "/corporations/1/assets?page=2", reply, conditional=False)
        return found and found.error.message

    async def ask(_: RequestStats) -> Reply:
        return server.reply

    def status(dice: Dice, spoiled: bytes) -> object:
        server.reply = Reply(dice.choice(STATUSES), {}, spoiled, START)
        downtime = Downtime(ManualClock(), ask)
        runner.run(downtime.is_up(RequestStats()))
        return downtime.players

    def posted(dice: Dice, spoiled: bytes) -> object:
        told = {"retry-after": spoiled[:60].decode("latin-1")} if dice.random() < 0.5 else {}
        server.reply = Reply(dice.choice(LIMITED), told, spoiled, START)
        answer = runner.run(post_json(server, ManualClock(), Secret("https://x.example/1"), b"{}"))
        return answer.wait, answer.sentence

    said = [b'{"error":"Not found"}', b'{"error":"x","sso_status":503}']
    yield Decoder("refusal of ESI", said, refusal)
    yield Decoder("status of ESI", [b'{"players":12,"vip":false}'], status, 5)
    limited = b'{"message":"You are being rate limited.","retry_after":1.5,"global":false}'
    yield Decoder("answer of Discord", [limited], posted, 5)
    yield Decoder("header", HEADERS, read_headers)


def sign_on(runner: asyncio.Runner) -> Iterator[Decoder]:
    """Discovery, keys, tokens and refusals of the single sign-on."""
    signer, host = Signer([shared_key("mutations")]), "https://login.example"
    claims = {
        "scp": ["esi-assets.read_corporation_assets.v1"],
        "sub": "CHARACTER:EVE:90000001",
        "iss": host,
        "aud": ["corpsync-simulator", "EVE Online"],
        "exp": START + 1_200,
        "iat": START,
        "name": "Aldra Vex",
        "owner": "8PmzCeTKb4VFUDrHLc/AeZXDSWM=",
    }
    token = signer.sign(claims).encode()
    endpoints = {
        "issuer": host,
        "authorization_endpoint": f"{host}/v2/oauth/authorize",
        "token_endpoint": f"{host}/v2/oauth/token",
        "jwks_uri": f"{host}/oauth/jwks",
    }
    found = json.dumps(endpoints).encode()
    pair = json.dumps({"access_token": token.decode(), "refresh_token": "abc"}).encode()
    keys = {str(key.kid): key for key in signer.keys}
    expected = Expectation(host, "corpsync-simulator", START)

    def sso(server: Server) -> Sso:
        return Sso(Options("", host, Path()), ManualClock(), server)

    def discovered(_: Dice, spoiled: bytes) -> object:
        server = Server()
        server.reply = Reply(200, {}, spoiled, START)
        return runner.run(in_time(sso(server).endpoints()))

    def given(dice: Dice, spoiled: bytes) -> object:
        server = Server()
        server.replies[host + DISCOVERY] = Reply(200, {}, found, START)
        server.reply = Reply(dice.choice((200, 302, 400, 401, 403)), {}, spoiled, START)
        tokens = runner.run(in_time(sso(server).refresh(Secret("refresh-token"))))
        return tokens.access, tokens.refresh

    def checked(dice: Dice, spoiled: bytes) -> object:
        server = Server()
        server.replies[host + DISCOVERY] = Reply(200, {}, found, START)
        server.reply = Reply(200, {}, spoiled, START)
        told = runner.run(in_time(sso(server).verify(Secret(token.decode()))))
        return told.identity.name

    def verified(_: Dice, spoiled: bytes) -> object:
        told = verify(Secret(spoiled.decode("latin-1")), keys, expected)
        return told.identity.name, told.expires

    def headed(_: Dice, spoiled: bytes) -> object:
        head = base64.urlsafe_b64encode(spoiled).rstrip(b"=").decode()
        return verify(Secret(f"{head}.e30.e30"), keys, expected).identity.name

    def claimed(_: Dice, spoiled: bytes) -> object:
        """Signed as it should be, and saying anything."""
        try:
            said = json.loads(spoiled)
            json.dumps(said, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise CorpsyncError("nothing that can be signed") from error
        if not isinstance(said, dict):
            return None
        told = verify(Secret(signer.sign(said)), keys, expected)
        return told.identity.name, told.identity.scopes, told.expires

    yield Decoder("discovery document", [found], discovered, 5)
    yield Decoder("tokens", [pair, b'{"error":"invalid_grant"}'], given, 5)
    yield Decoder("keys", [json.dumps(signer.jwks()).encode()], checked, 20)
    yield Decoder("access token", [token], verified, 5)
    yield Decoder("token's header", [b'{"alg":"RS256","kid":"mutations","typ":"JWT"}'], headed)
    yield Decoder("claims", [json.dumps(claims).encode()], claimed, 10)


async def in_time(work: Any) -> Any:
    """What is asked for again after a while is not waited for."""
    task = asyncio.ensure_future(work)
    for _ in range(50):
        await asyncio.sleep(0)
        if task.done():
            return task.result()
    task.cancel()
    raise CorpsyncError("asked for again")


def static(folder: Path) -> Iterator[Decoder]:
    """CCP's archive: as a file, and each of its members."""
    record = {"_key": "sde", "buildNumber": 3_081_406, "releaseDate": RELEASED}
    lines = json.dumps(record).encode() + b"\n"
    whole = archive()
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        kept = {n: packed.read(n) for n in packed.namelist() if n != "agentsInSpace.jsonl"}
    target = folder / "reference.db"

    def loaded(_: Dice, spoiled: bytes) -> object:
        return load(io.BytesIO(spoiled), target, ManualClock(), None, Watch())

    def member(dice: Dice, _: bytes) -> object:
        members = dict(kept)
        name = dice.choice([*members])
        members[name] = spoil(dice, members[name])
        return loaded(dice, zipped(members))

    def known(_: Dice, spoiled: bytes) -> object:
        file = folder / "static.json"
        file.write_bytes(spoiled)
        return load_known(file)

    kept_answer = {"asked": START, "etag": '"1"', "build": {"number": 3, "released": RELEASED}}
    yield Decoder("build", [lines, lines * 3], lambda _, b: find_build(b))
    yield Decoder("build as kept", [json.dumps(kept_answer).encode()], known, 10)
    yield Decoder("archive", [zipped(kept)], loaded, 20)
    yield Decoder(f"one of {len(MEMBERS)} members", [b"{}"], member, 10)


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return packed.getvalue()


SETTINGS = b"""\
client_id = "abc"
contact = "me@example.com"
esi_url = "https://esi.evetech.net"
max_running = 4
concurrency = 4
[intervals]
members = 60
[attention]
fuel = 5
contract = false
[alerts]
discord = "low"
webhook = "high"
digest = "18:00"
quiet = "22:00-08:00"
[wallet_floors]
2 = 5000000
[changes]
days = 90
[[stock]]
type = "Tritanium"
at_least = 5
"""
VARIABLES = ("CORPSYNC_MAX_RUNNING", "CORPSYNC_ESI_URL", "CORPSYNC_CALLBACK_URL")


def settings(folder: Path) -> Iterator[Decoder]:
    """The file that the director writes, and the environment."""
    file = load_settings({"CORPSYNC_HOME": str(folder)}).config_file
    file.parent.mkdir(parents=True, exist_ok=True)

    def written(_: Dice, spoiled: bytes) -> object:
        file.write_bytes(spoiled)
        return load_settings({"CORPSYNC_HOME": str(folder)}).esi_url

    def set_outside(dice: Dice, spoiled: bytes) -> object:
        file.unlink(missing_ok=True)
        text = spoiled.decode(errors="replace")
        return load_settings({"CORPSYNC_HOME": str(folder), dice.choice(VARIABLES): text}).esi_url

    yield Decoder("settings.toml", [SETTINGS, SETTINGS[:120]], written, 10)
    yield Decoder("environment", [b"4", b"http://127.0.0.1:8765/callback"], set_outside, 10)


def watching() -> Iterator[Decoder]:
    """What watchers and a holder write to each other in the database."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT)")
    live = {
        "pid": 812,
        "waiting": {"1/assets": "a slot"},
        "esi_down_since": "2026-09-21T12:00:00Z",
        "notices": [],
    }

    def asked(dice: Dice, spoiled: bytes) -> object:
        text, verb = spoiled.decode(errors="replace"), "set_interval"
        verb, arguments = (verb, text) if dice.random() < 0.8 else (text, "{}")
        return read_command(Command(1, verb, arguments, START))

    def told(_: Dice, spoiled: bytes) -> object:
        text = spoiled.decode(errors="replace")
        db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (KEY, text))
        return dict(read_live(db, 812).waiting)

    about = b'{"process_id":"98000001/members","minutes":7,"enabled":true}'
    yield Decoder("command to a holder", [about], asked)
    yield Decoder("word of a holder", [json.dumps(live).encode()], told)


@contextmanager
def all_decoders(folder: Path) -> Iterator[list[Decoder]]:
    """Every decoder, by groups; `folder` is for those that read files."""
    with asyncio.Runner() as runner:
        yield [
            *datasets(),
            *side_data(),
            *answers(runner),
            *sign_on(runner),
            *static(folder),
            *settings(folder),
            *watching(),
        ]
