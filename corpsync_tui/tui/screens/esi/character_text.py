"""What the ESI screen writes about a character: how its login stands, what it lacks, what helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import count, joined, need, plural
from corpsync_tui.format.times import day_and_hour, span
from corpsync_tui.service.esi_status import CharacterStatus, ProcessAccess
from corpsync_tui.text import printable
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.tones import Line

NAMED = 3
"""Processes that a sentence names; it counts the rest."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that keeps data from coming, and the one key that mends it."""

    sentence: str
    key: str
    helps: str
    """What the key does, or what to do before it is pressed."""


def troubles(character: CharacterStatus) -> list[Trouble]:
    """Everything that is wrong with a login, the worst first."""
    home = printable(character.corporation)
    if character.character_id is None:
        return [Trouble("Nobody of it is logged in", "l", f"logs in a character of {home}")]
    if character.needs is not None:
        why = printable(character.why or "its login has ended").removesuffix(": corpsync login")
        return [Trouble(_sentence(why), "L", f"logs {printable(character.name)} in again")]
    found = []
    if character.left is not None:
        former = printable(character.left)
        sentence = f"It left {former}, whose processes have no character now"
        found.append(Trouble(sentence, "l", f"logs in a character of {former}"))
    if character.missing_scopes:
        sentence = f"{plural(len(character.missing_scopes), 'scope')} not granted"
        blocked = _blocked(character, "scope:")
        found.append(Trouble(f"{sentence}{blocked}", "L", "asks for them; all data stays"))
    for role in _roles_that_matter(character):
        sentence = f"Role {printable(role)} is missing{_blocked(character, f'role:{role}')}"
        found.append(Trouble(sentence, "r", "tries again, once it is granted in the game"))
    if parked := [d for d in character.processes if d.parked == "login" and d.ability == "serves"]:
        found.append(Trouble(f"{_names(parked)} waited for a login", "r", "tries again"))
    return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _roles_that_matter(character: CharacterStatus) -> list[str]:
    """Roles without which a process stands still: what others serve needs none here."""
    return [
        role
        for role in character.missing_roles
        if any(d.lacks == f"role:{role}" and not d.server for d in character.processes)
    ]


def _blocked(character: CharacterStatus, lack: str) -> str:
    hit = [d for d in character.processes if d.lacks is not None and d.lacks.startswith(lack)]
    return f": blocks {_names(hit)}" if hit else ""


def _names(processes: Sequence[ProcessAccess]) -> str:
    names = [process_title(d.process_type) for d in processes]
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return ", ".join(names)


def character_line(
    character: CharacterStatus, now: datetime, width: int, *, homes: bool
) -> list[Line]:
    """One line: name, and what is wrong with it or how well it serves.

    `homes`: several corporations are shown, so the line says which one is its own.
    """
    wrong = troubles(character)
    sign, tone = ("✗", "blocked") if _is_blocked(character) else ("!", "waiting")
    if not wrong:
        sign, tone = "✓", "current"
    whole = 20 if width < 100 else 30
    name = "nobody" if character.character_id is None else printable(character.name)
    line: list[Line] = [
        (f"{sign} ", tone),
        (fit(name, whole - 1) + " ", "strong" if character.character_id else "muted"),
    ]
    left = width - 2 - whole
    if homes:
        line.append((fit(printable(character.corporation), whole - 1) + " ", ""))
        left -= whole
    if wrong:
        line.append((f"{wrong[0].key} ", "title"))
        line.append((fit(wrong[0].sentence, max(0, left - 3)), tone))
    else:
        line.append((fit(_well(character, now), max(0, left - 1)), "muted"))
    return line


def _is_blocked(character: CharacterStatus) -> bool:
    lost = character.character_id is None or character.needs is not None
    return lost or any(d.ability == "blocked" and not d.server for d in character.processes)


def _well(character: CharacterStatus, now: datetime) -> str:
    serves = sum(d.ability == "serves" for d in character.processes)
    return joined([f"used for {serves}", f"token {_age(character, now)}", scopes(character)])


def _age(character: CharacterStatus, now: datetime) -> str:
    used = character.refreshed or character.logged_in
    return "unused" if used is None else span(max(0.0, (now - used).total_seconds()))


def scopes(character: CharacterStatus) -> str:
    """How many of the scopes are granted: `14 of 15 scopes`."""
    granted, missing = len(character.scopes), len(character.missing_scopes)
    if missing:
        return f"{granted} of {granted + missing} scopes"
    return f"all {count(granted)} scopes"


def access_line(access: ProcessAccess, width: int) -> list[Line]:
    """One line: what the character is to a process."""
    signs = {"serves": ("✓", "current"), "could": ("·", "muted"), "blocked": ("✗", "blocked")}
    sign, tone = signs[access.ability]
    if access.ability == "blocked" and access.server:
        sign, tone = "·", "muted"
    name = fit(process_title(access.process_type), 14)
    tokens = plural(access.tokens, "token") if access.ability == "serves" and access.tokens else ""
    room = max(0, width - 17 - len(tokens))
    text = fit(_access_text(access), room)
    return [
        (f"{sign} ", tone),
        (name, ""),
        (f" {text}", tone if access.ability == "blocked" else ""),
        (f"{tokens} ", "muted"),
    ]


def _access_text(access: ProcessAccess) -> str:
    chosen = " (chosen)" if access.chosen else ""
    other = f"{printable(access.server)} is used{chosen}" if access.server else ""
    if access.ability == "serves":
        waits = f", waits for {need(access.parked)}" if access.parked else ""
        return f"used{chosen}{waits}"
    if access.ability == "could":
        return other or "could serve"
    lacks = "the login has ended" if access.lacks == "login" else f"no {need(access.lacks or '')}"
    return joined([lacks, other])


def chart(character: CharacterStatus, now: datetime) -> list[Line]:
    """Everything about one login: what is wrong and what mends it first."""
    lines: list[Line] = []
    for trouble in troubles(character):
        lines.append((f"{trouble.sentence}.", "error"))
        lines.append((f"{trouble.key}  {trouble.helps}", "title"))
    if character.unsaved:
        lines.append(("The login is not saved, and lost when corpsync closes.", "error"))
        lines.append(("Unlock the keyring: saving is tried again by itself.", "strong"))
    if character.character_id is None:
        return lines
    if not lines:
        lines.append(("Nothing is missing.", "current"))
    lines.append((_login(character, now), ""))
    lines.append((_token(character, now), "muted"))
    lines.append((scopes(character), ""))
    for use in character.missing_scopes:
        lines += [(f"✗ {printable(use.scope)}", "error"), (f"  {printable(use.good_for)}", "muted")]
    lines.append((_roles(character), ""))
    lines += [(f"✗ {printable(role)}", "error") for role in character.missing_roles]
    if character.roles_until:
        when = "at the next run"
        if character.roles_until > now:
            when = day_and_hour(character.roles_until, now)
        lines.append((f"roles refresh {when}", "muted"))
    return lines


def _login(character: CharacterStatus, now: datetime) -> str:
    logged_in = f"logged in {day_and_hour(character.logged_in, now)}" if character.logged_in else ""
    return joined(
        [logged_in, f"token used {_age(character, now)} ago" if character.refreshed else ""]
    )


def _token(character: CharacterStatus, now: datetime) -> str:
    if character.access_until is None:
        return "access token: asked for when needed"
    return f"access token until {day_and_hour(character.access_until, now)}"


def _roles(character: CharacterStatus) -> str:
    if character.roles_until is None:
        return "roles: not told by ESI"
    named = ", ".join(printable(role) for role in character.roles)
    return f"roles: {named or 'none'}"
