"""What the ESI screen writes about a character: how its login stands, what it lacks, what helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from corpsync_tui.text import printable
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.clinic import Duty, Patient
from corpsync_tui.tui.format import count, day_and_hour, joined, need, plural, process_name, span
from corpsync_tui.tui.run_text import Line

NAMED = 3
"""Processes that a sentence names; it counts the rest."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that keeps data from coming, and the one key that mends it."""

    sentence: str
    key: str
    helps: str
    """What the key does, or what to do before it is pressed."""


def troubles(patient: Patient) -> list[Trouble]:
    """Everything that is wrong with a login, the worst first."""
    home = printable(patient.corporation)
    if patient.character_id is None:
        return [Trouble("Nobody of it is logged in", "l", f"logs in a character of {home}")]
    if patient.needs is not None:
        why = printable(patient.why or "its login has ended").removesuffix(": corpsync login")
        return [Trouble(_sentence(why), "L", f"logs {printable(patient.name)} in again")]
    found = []
    if patient.left is not None:
        former = printable(patient.left)
        sentence = f"It left {former}, whose processes nobody serves now"
        found.append(Trouble(sentence, "l", f"logs in a character of {former}"))
    if patient.missing_scopes:
        sentence = f"{plural(len(patient.missing_scopes), 'scope')} not granted"
        blocked = _blocked(patient, "scope:")
        found.append(Trouble(f"{sentence}{blocked}", "L", "logs in again: grant all scopes"))
    for role in _roles_that_matter(patient):
        sentence = f"Role {printable(role)} is missing{_blocked(patient, f'role:{role}')}"
        found.append(Trouble(sentence, "r", "tries again, once it is granted in the game"))
    if parked := [d for d in patient.duties if d.parked == "login" and d.ability == "serves"]:
        found.append(Trouble(f"{_names(parked)} waited for a login", "r", "tries again"))
    return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _roles_that_matter(patient: Patient) -> list[str]:
    """Roles without which a process stands still: what others serve needs none here."""
    return [
        role
        for role in patient.missing_roles
        if any(d.lacks == f"role:{role}" and not d.server for d in patient.duties)
    ]


def _blocked(patient: Patient, lack: str) -> str:
    hit = [d for d in patient.duties if d.lacks is not None and d.lacks.startswith(lack)]
    return f": blocks {_names(hit)}" if hit else ""


def _names(duties: Sequence[Duty]) -> str:
    names = [process_name(d.process_type) for d in duties]
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return ", ".join(names)


def patient_line(patient: Patient, now: datetime, width: int, *, homes: bool) -> list[Line]:
    """One line: name, and what is wrong with it or how well it serves.

    `homes`: several corporations are shown, so the line says which one is its own.
    """
    wrong = troubles(patient)
    sign, tone = ("✗", "parked") if _is_blocked(patient) else ("!", "waiting")
    if not wrong:
        sign, tone = "✓", "current"
    whole = 20 if width < 100 else 30
    name = "nobody" if patient.character_id is None else printable(patient.name)
    line: list[Line] = [
        (f"{sign} ", tone),
        (fit(name, whole - 1) + " ", "strong" if patient.character_id else "muted"),
    ]
    left = width - 2 - whole
    if homes:
        line.append((fit(printable(patient.corporation), whole - 1) + " ", ""))
        left -= whole
    if wrong:
        line.append((f"{wrong[0].key} ", "title"))
        line.append((fit(wrong[0].sentence, max(0, left - 3)), tone))
    else:
        line.append((fit(_well(patient, now), max(0, left - 1)), "muted"))
    return line


def _is_blocked(patient: Patient) -> bool:
    lost = patient.character_id is None or patient.needs is not None
    return lost or any(d.ability == "blocked" and not d.server for d in patient.duties)


def _well(patient: Patient, now: datetime) -> str:
    serves = sum(d.ability == "serves" for d in patient.duties)
    return joined([f"serves {serves}", f"token {_age(patient, now)}", scopes(patient)])


def _age(patient: Patient, now: datetime) -> str:
    used = patient.refreshed or patient.logged_in
    return "unused" if used is None else span(max(0.0, (now - used).total_seconds()))


def scopes(patient: Patient) -> str:
    """How many of the scopes are granted: `14 of 15 scopes`."""
    granted, missing = len(patient.scopes), len(patient.missing_scopes)
    if missing:
        return f"{granted} of {granted + missing} scopes"
    return f"all {count(granted)} scopes"


def duty_line(duty: Duty, width: int) -> list[Line]:
    """One line: what the character is to a process."""
    signs = {"serves": ("✓", "current"), "could": ("·", "muted"), "blocked": ("✗", "parked")}
    sign, tone = signs[duty.ability]
    if duty.ability == "blocked" and duty.server:
        sign, tone = "·", "muted"
    name = fit(process_name(duty.process_type), 14)
    tokens = f"{count(duty.tokens)} tokens" if duty.ability == "serves" and duty.tokens else ""
    room = max(0, width - 17 - len(tokens))
    text = fit(_duty_text(duty), room)
    return [
        (f"{sign} ", tone),
        (name, ""),
        (f" {text}", tone if duty.ability == "blocked" else ""),
        (f"{tokens} ", "muted"),
    ]


def _duty_text(duty: Duty) -> str:
    chosen = " (chosen)" if duty.chosen else ""
    other = f"{printable(duty.server)} serves{chosen}" if duty.server else ""
    if duty.ability == "serves":
        waits = f", waits for {need(duty.parked)}" if duty.parked else ""
        return f"serves{chosen}{waits}"
    if duty.ability == "could":
        return other or "could serve"
    lacks = "the login has ended" if duty.lacks == "login" else f"no {need(duty.lacks or '')}"
    return joined([lacks, other])


def chart(patient: Patient, now: datetime) -> list[Line]:
    """Everything about one login: what is wrong and what mends it first."""
    lines: list[Line] = []
    for trouble in troubles(patient):
        lines.append((f"{trouble.sentence}.", "error"))
        lines.append((f"{trouble.key}  {trouble.helps}", "title"))
    if patient.unsaved:
        lines.append(("The login is not saved, and lost when corpsync closes.", "error"))
        lines.append(("Unlock the keyring: saving is tried again by itself.", "strong"))
    if patient.character_id is None:
        return lines
    if not lines:
        lines.append(("Nothing is missing.", "current"))
    lines.append((_login(patient, now), ""))
    lines.append((_access(patient, now), "muted"))
    lines.append((scopes(patient), ""))
    lines += [(f"✗ {printable(scope)}", "error") for scope in patient.missing_scopes]
    lines.append((_roles(patient), ""))
    lines += [(f"✗ {printable(role)}", "error") for role in patient.missing_roles]
    if patient.roles_until:
        lines.append((f"ESI tells roles anew {day_and_hour(patient.roles_until, now)}", "muted"))
    return lines


def _login(patient: Patient, now: datetime) -> str:
    logged_in = f"logged in {day_and_hour(patient.logged_in, now)}" if patient.logged_in else ""
    return joined([logged_in, f"token used {_age(patient, now)} ago" if patient.refreshed else ""])


def _access(patient: Patient, now: datetime) -> str:
    if patient.access_until is None:
        return "access token: asked for when needed"
    return f"access token until {day_and_hour(patient.access_until, now)}"


def _roles(patient: Patient) -> str:
    if patient.roles_until is None:
        return "roles: not told by ESI"
    named = ", ".join(printable(role) for role in patient.roles)
    return f"roles: {named or 'none'}"
