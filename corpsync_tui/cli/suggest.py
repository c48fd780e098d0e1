"""What somebody who mistyped a name may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def unknown(kind: str, word: str, known: Iterable[str]) -> str:
    """A sentence that names the wrong word, and the one it is likely to stand for."""
    from difflib import get_close_matches

    names = list(known)
    close = get_close_matches(word, names, n=1)
    if close:
        return f"unknown {kind} {word!r}. Did you mean {close[0]!r}?"
    there = "there is only" if len(names) == 1 else "there are"
    return f"unknown {kind} {word!r}: {there} {', '.join(names)}"
