"""Corporation: everything about it that is small and slow, each part granted and failing alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import Row, hash_row
from corpsync_tui.catalog.kit.describe import ChangeContext, Describe, named
from corpsync_tui.catalog.kit.rules import Alert, Rule, RuleContext
from corpsync_tui.catalog.kit.shapes import Grouped, List, One, Shape, Values
from corpsync_tui.decoding import Int64
from corpsync_tui.esi.routes import Route
from corpsync_tui.format.times import seconds_of
from corpsync_tui.store.columns import (
    CorporationTable,
    Count,
    Flag,
    Id,
    Json,
    Number,
    Text,
    When,
    Word,
)
from corpsync_tui.store.merge import Merge
from corpsync_tui.store.presentation import Presentation


class Palette(msgspec.Struct):
    """The colours of the corporation's ships."""

    main_color: str
    secondary_color: str | None = None
    tertiary_color: str | None = None


class TaxRates(msgspec.Struct):
    """What the corporation takes of its members' income, from 0 to 1."""

    isk: float
    loyalty_point: float


class Tally(msgspec.Struct):
    """A count by time."""

    last_week: Int64
    total: Int64
    yesterday: Int64


class CorporationInfo(CorporationTable):
    """The corporation as anybody may read it."""

    alliance_id = Id("alliance", null=True)
    ceo_id = Id("character", null=True)
    creator_id = Id("character", null=True)
    date_founded = When(null=True)
    description = Text()
    enlisted_faction_id = Id("faction", null=True)
    friendly_fire = Word()
    home_station_id = Id("station")
    member_count = Count()
    name = Text()
    palette = Json(Palette, null=True)
    shares = Count()
    state = Word()
    tax_rates = Json(TaxRates)
    ticker = Text()
    type = Word()
    url = Text(null=True)
    war_eligible = Flag()

    presentation = Presentation(title="Corporation info")


class AllianceHistory(CorporationTable):
    """An alliance that the corporation joined, or none."""

    alliance_id = Id("alliance", null=True)
    is_deleted = Flag(null=True)
    record_id = Id("record", identity=True)
    start_date = When()

    presentation = Presentation(title="Alliance history")


class Division(CorporationTable):
    """What the corporation calls a division of its hangars or wallets."""

    kind = Word(added=True, identity=True)
    division = Id("division", null=False, identity=True)
    name = Text(null=True)


class CorporationMember(CorporationTable):
    """Who is in the corporation: all that one who is no Director may read of the members."""

    character_id = Id("character", identity=True)


class MemberRole(CorporationTable):
    """The roles of a member, everywhere and by place."""

    character_id = Id("character", identity=True)
    grantable_roles = Json(list[str], null=True)
    grantable_roles_at_base = Json(list[str], null=True)
    grantable_roles_at_hq = Json(list[str], null=True)
    grantable_roles_at_other = Json(list[str], null=True)
    roles = Json(list[str], null=True)
    roles_at_base = Json(list[str], null=True)
    roles_at_hq = Json(list[str], null=True)
    roles_at_other = Json(list[str], null=True)


class RoleChange(CorporationTable):
    """Roles that somebody gave or took. ESI keeps a month."""

    changed_at = When(identity=True)
    character_id = Id("character", identity=True)
    issuer_id = Id("character")
    new_roles = Json(list[str])
    old_roles = Json(list[str])
    role_type = Word(identity=True)
    row_hash = Id("hash", added=True, identity=True)


class Title(CorporationTable):
    """A title, and the roles it grants."""

    grantable_roles = Json(list[str], null=True)
    grantable_roles_at_base = Json(list[str], null=True)
    grantable_roles_at_hq = Json(list[str], null=True)
    grantable_roles_at_other = Json(list[str], null=True)
    name = Text(null=True)
    roles = Json(list[str], null=True)
    roles_at_base = Json(list[str], null=True)
    roles_at_hq = Json(list[str], null=True)
    roles_at_other = Json(list[str], null=True)
    title_id = Id("title", identity=True)


class MemberTitle(CorporationTable):
    """The titles that a member bears."""

    character_id = Id("character", identity=True)
    titles = Json(list[Int64])


class Blueprint(CorporationTable):
    """A blueprint: quantity −1 is an original, −2 a copy."""

    item_id = Id("item", identity=True)
    location_flag = Word()
    location_id = Id("location")
    material_efficiency = Count()
    quantity = Count()
    runs = Count()
    time_efficiency = Count()
    type_id = Id("type")

    presentation = Presentation(
        unsummed=("material_efficiency", "quantity", "runs", "time_efficiency")
    )


class Contact(CorporationTable):
    """Somebody the corporation keeps a standing towards."""

    contact_id = Id("party", identity=True)
    contact_type = Word()
    is_watched = Flag(null=True)
    label_ids = Json(list[Int64], null=True)
    standing = Number()


class ContactLabel(CorporationTable):
    """A label of contacts."""

    label_id = Id("label", identity=True)
    label_name = Text()


class Standing(CorporationTable):
    """What an agent, a corporation or a faction thinks of the corporation."""

    from_id = Id("party", identity=True)
    from_type = Word(identity=True)
    standing = Number()


class Shareholder(CorporationTable):
    """Who holds shares."""

    share_count = Count()
    shareholder_id = Id("party", identity=True)
    shareholder_type = Word(identity=True)


class Medal(CorporationTable):
    """A medal that can be given."""

    created_at = When()
    creator_id = Id("character")
    description = Text()
    medal_id = Id("medal", identity=True)
    title = Text()


class MedalIssued(CorporationTable):
    """A medal that was given."""

    character_id = Id("character", identity=True)
    issued_at = When(identity=True)
    issuer_id = Id("character")
    medal_id = Id("medal", identity=True)
    reason = Text()
    status = Word()

    presentation = Presentation(title="Medals issued")


class FwStats(CorporationTable):
    """What the corporation does in factional warfare."""

    enlisted_on = When(null=True)
    faction_id = Id("faction", null=True)
    kills = Json(Tally)
    pilots = Count(null=True)
    victory_points = Json(Tally)

    presentation = Presentation(title="Factional warfare")


class CorporationIcon(CorporationTable):
    """Where the logo can be had, by size in pixels."""

    px128x128 = Text(null=True)
    px256x256 = Text(null=True)
    px64x64 = Text(null=True)

    presentation = Presentation(title="Corporation icon")


class RoleChanges(Dataset):
    """ESI gives a change no id: what else it says tells it apart from others of one second."""

    def transform(self, record: Any, _context: Any) -> Row:
        """The record and its hash."""
        row = self.wire.row_of(record)
        return (*row, hash_row(row))


def _dataset(
    model: type[CorporationTable],
    path: str,
    scope: str = "",
    group: str = "corp-member",
    merge: Merge = "snapshot",
    *,
    roles: tuple[str, ...] = (),
    cache_seconds: int = 3600,
    tokens: int = 300,
    paged: bool = False,
    shape: Shape = List(),  # noqa: B008  # frozen
    kind: type[Dataset] = Dataset,
) -> Dataset:
    route = Route(
        f"/corporations/{{corporation_id}}{path}",
        cache_seconds=cache_seconds,
        scope=f"esi-{scope}.v1" if scope else None,
        roles=roles,
        group=group if scope else None,
        tokens=tokens if scope else 0,
        paged=paged,
    )
    return kind(model, route, merge, shape=shape)


def describe_role_change(context: ChangeContext) -> str | None:
    """Who gave whom which roles, and took which."""
    new, old = (set(context.get(name) or ()) for name in ("new_roles", "old_roles"))
    parts = [f"gave {', '.join(sorted(new - old))}" if new - old else ""]
    parts.append(f"took {', '.join(sorted(old - new))}" if old - new else "")
    names = context.names
    what = " and ".join(filter(None, parts)) or "changed nothing"
    where = str(context.get("role_type") or "roles").replace("_", " ")
    who = names.who(context.get("character_id"))
    return f"{names.who(context.get('issuer_id'))} {what}: {where} of {who}"


def describe_corporation_member(context: ChangeContext) -> str | None:
    """Who is on the list of members, and who no more."""
    who = context.names.who(context.get("character_id"))
    return f"{who} {'joined' if context.kind == 'added' else 'left'} (list of members)"


def describe_division(context: ChangeContext) -> str | None:
    """What a division is called now."""
    what = f"{str(context.get('kind')).capitalize()} {context.get('division')}"
    return f"{what} is called “{context.get('name')}”" if context.get("name") else None


def describe_blueprint(context: ChangeContext) -> str | None:
    """A blueprint that came, went, moved or was researched."""
    what = f"{context.place()}: {context.names.type(context.get('type_id'))}"
    me, te = context.get("material_efficiency"), context.get("time_efficiency")
    if context.kind == "changed":
        return f"{what}: {context.fields()}"
    copied = f"{runs} runs, " if (runs := context.get("runs") or 0) >= 0 else ""
    return f"{what} ({copied}ME {me}, TE {te}) {'new' if context.kind == 'added' else 'gone'}"


def describe_medal_issued(context: ChangeContext) -> str | None:
    """Who was given a medal."""
    if context.kind != "added":
        return None
    giver, who = (context.names.who(context.get(n)) for n in ("issuer_id", "character_id"))
    return f"{giver} gave {who} medal {context.get('medal_id')}: {context.get('reason')}"


def describe_alliance(context: ChangeContext) -> str | None:
    """An alliance that the corporation joined or left."""
    alliance = context.get("alliance_id")
    if context.kind != "added":
        return None
    return (
        f"The corporation joined {context.names.who(alliance)}"
        if alliance
        else ("The corporation left its alliance")
    )


def _of(column: str, what: str) -> Describe:
    """The lines of what belongs to somebody: `Roles of Aldra Vex: roles Trader new`."""
    return named(lambda context: f"{what} {context.names.who(context.get(column))}")


def _called(what: str, column: str) -> Describe:
    """The lines of what has a name of its own: `Title “Banker” is new`."""
    return named(lambda context: f"{what} “{context.get(column)}”")


GIVEN = """
SELECT changed_at, character_id, issuer_id, role_type, row_hash, new_roles, old_roles
FROM role_change WHERE corporation_id = :corporation AND changed_at >= :since
ORDER BY changed_at DESC
"""


def find_given(context: RuleContext) -> Iterator[Alert]:
    """A role that somebody was given of late, Director before all others."""
    since = context.esi(context.news_since("role_change"))
    for when, who, giver, kind, row_hash, new, old in context.rows(GIVEN, since=since):
        given = set(json.loads(new)) - set(json.loads(old))
        if not given:
            continue
        listed = ", ".join(sorted(given, key=lambda role: (role != "Director", role)))
        roles = f"the role{'s' if len(given) > 1 else ''} {listed.replace('_', ' ')}"
        where = kind.removeprefix("roles").replace("_", " ")
        yield Alert(
            f"{when}/{who}/{kind}/{row_hash}",
            f"{context.names.who(giver)} gave {context.names.who(who)} {roles}{where}",
            "high",
            seconds_of(when),
            table_name="role_change",
            row_key={
                "changed_at": when,
                "character_id": who,
                "role_type": kind,
                "row_hash": row_hash,
            },
        )


DIRECTOR = ("Director",)
MEMBERSHIP = "corporations.read_corporation_membership"
TITLES, MEDALS = "corporations.read_titles", "corporations.read_medals"
CONTACTS = "corporations.read_contacts"

INFO = _dataset(CorporationInfo, "", shape=One())

PROCESS = Process(
    "corporation",
    title="Corporation",
    noun="the corporation",
    order=120,
    interval_minutes=360,
    demo_minutes=3,
    datasets=[
        INFO,
        _dataset(AllianceHistory, "/alliancehistory"),
        _dataset(
            Division,
            "/divisions",
            "corporations.read_divisions",
            "corp-wallet",
            roles=DIRECTOR,
            shape=Grouped("kind", ("hangar", "wallet")),
        ),
        _dataset(CorporationMember, "/members", MEMBERSHIP, shape=Values()),
        _dataset(MemberRole, "/roles", MEMBERSHIP),
        _dataset(
            RoleChange,
            "/roles/history",
            MEMBERSHIP,
            merge="log",
            roles=DIRECTOR,
            paged=True,
            kind=RoleChanges,
        ),
        _dataset(Title, "/titles", TITLES, "corp-detail", roles=DIRECTOR),
        _dataset(MemberTitle, "/members/titles", TITLES, roles=DIRECTOR),
        _dataset(
            Blueprint,
            "/blueprints",
            "corporations.read_blueprints",
            "corp-industry",
            roles=DIRECTOR,
            tokens=600,
            paged=True,
        ),
        _dataset(Contact, "/contacts", CONTACTS, "corp-social", cache_seconds=300, paged=True),
        _dataset(ContactLabel, "/contacts/labels", CONTACTS, "corp-social", cache_seconds=300),
        _dataset(Standing, "/standings", "corporations.read_standings", paged=True),
        _dataset(
            Shareholder,
            "/shareholders",
            "wallet.read_corporation_wallets",
            "corp-detail",
            roles=DIRECTOR,
            paged=True,
        ),
        _dataset(Medal, "/medals", MEDALS, "corp-detail", paged=True),
        _dataset(
            MedalIssued,
            "/medals/issued",
            MEDALS,
            "corp-detail",
            "ledger",
            roles=DIRECTOR,
            paged=True,
        ),
        _dataset(
            FwStats,
            "/fw/stats",
            "corporations.read_fw_stats",
            "factional-warfare",
            cache_seconds=0,
            tokens=150,
            shape=One(),
        ),
        _dataset(CorporationIcon, "/icons", shape=One()),
    ],
    describe={
        CorporationInfo: named(lambda _context: "The corporation"),
        AllianceHistory: describe_alliance,
        Division: describe_division,
        CorporationMember: describe_corporation_member,
        MemberRole: _of("character_id", "Roles of"),
        RoleChange: describe_role_change,
        Title: _called("Title", "name"),
        MemberTitle: _of("character_id", "Titles of"),
        Blueprint: describe_blueprint,
        Contact: _of("contact_id", "Contact"),
        ContactLabel: _called("Label of contacts", "label_name"),
        Standing: _of("from_id", "Standing of"),
        Shareholder: _of("shareholder_id", "Shares of"),
        Medal: _called("Medal", "title"),
        MedalIssued: describe_medal_issued,
        FwStats: named(lambda _context: "Factional warfare"),
        CorporationIcon: named(lambda _context: "The corporation's logo"),
    },
    rules=[
        Rule(
            "role_given",
            find_given,
            says="A role that a member was given, Director above all.",
            many="roles given",
        ),
    ],
)
