"""What the Login screen says, and what it takes for a client id."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import timedelta

from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import plural
from corpsync_tui.service.api import LoginFacts
from corpsync_tui.text import printable
from corpsync_tui.tui.tones import Line

_CLIENT_ID = re.compile(r"[A-Za-z0-9_.-]{3,128}")


def title_line(again: str | None) -> Line:
    """Who is to be logged in."""
    whom = f"Log {printable(again)} in again" if again else "Log in with an EVE character"
    return (f"{whom}\n\n", "title")


def register_lines(facts: LoginFacts, scopes: Sequence[str]) -> list[Line]:
    """The first two steps: an application at CCP, and its client id."""
    return [
        ("1 ", "title"),
        ("Once, register an application at CCP, with access to its API:\n", ""),
        (f"    {printable(facts.register_url)}\n", "running"),
        ("  n ", "title"),
        (f" its name, for example {printable(facts.name)}\n", ""),
        ("  u ", "title"),
        (" its callback URL ", ""),
        (f"{printable(facts.callback_url)}\n", "running"),
        ("  s ", "title"),
        (f" its {plural(len(scopes), 'scope')}; each key copies, for pasting there\n\n", ""),
        ("2 i ", "title"),
        (" Its client id, which CCP shows afterwards:", ""),
    ]


def wanted_scopes(facts: LoginFacts, chosen: Collection[str]) -> list[str]:
    """What a login for these processes asks for."""
    uses = [use for process, uses in facts.processes.items() if process in chosen for use in uses]
    return list(dict.fromkeys(use.scope for use in (*uses, *facts.always)))


def purpose_lines(facts: LoginFacts, chosen: Collection[str]) -> list[Line]:
    """Which processes the login is for: those that are left out by name, where they are fewer."""
    out = [process_title(p) for p in facts.processes if p not in chosen]
    marked = [process_title(p) for p in facts.processes if p in chosen]
    if not out:
        text = f"all {len(marked)} processes"
    elif len(out) < len(marked):
        text = f"{len(marked)} processes, without {', '.join(out)}"
    else:
        text = ", ".join(marked) or "nothing yet"
    return [
        ("\n3 c ", "title"),
        (f" What it is for: {text}", ""),
        (f" ({plural(len(wanted_scopes(facts, chosen)), 'scope')})", "muted"),
    ]


def client_id_flaw(text: str) -> str | None:
    """What is wrong with a client id as it was typed; None where it may be one."""
    if not text:
        return "The client id is missing: i goes to its field"
    if "://" in text or text.startswith("esi-"):
        return "That is no client id but something else of the application's page"
    if not _CLIENT_ID.fullmatch(text):
        return "A client id is made of letters and digits, with no space in it"
    return None


def waiting_text(left: timedelta) -> str:
    """How long the browser is still waited for, and the way out."""
    seconds = max(0, round(left.total_seconds()))
    return f"Waiting for the browser, {seconds // 60}:{seconds % 60:02} left · esc stops waiting"
