"""One colour per meaning, always beside a sign or a word."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style as RichStyle
from textual.content import Content
from textual.style import Style

Line = tuple[str, str]
"""A text and its tone: "", `strong`, `muted`, or a state whose colour it takes."""

TONES = {
    "": "",
    "strong": "bold",
    "muted": "dim",
    "title": "bold $text-accent",
    "found": "bold underline $text-accent",
    "running": "$text-primary",
    "current": "$text-success",
    "success": "$text-success",
    "waiting": "$text-warning",
    "interrupted": "$text-warning",
    "due": "$text-warning",
    "error": "$text-error",
    "blocked": "bold $text-error",
    "cancelled": "dim",
    "off": "dim",
}


def content(lines: list[Line], *, between: str = "\n") -> Content:
    """The lines as Textual content; their texts are never read as markup."""
    return Content(between).join(
        Content.styled(text, TONES[tone]) if TONES[tone] else Content(text) for text, tone in lines
    )


def rich_styles(variables: Mapping[str, str]) -> dict[str, RichStyle]:
    """Every tone as a Rich style in the theme whose variables these are."""
    return {
        tone: Style.parse(words, dict(variables)).rich_style if words else RichStyle.null()
        for tone, words in TONES.items()
    }
