"""The one border between text from outside and the terminal.

Names, reasons and error texts come from other players and from a network: the database and
JSON keep them verbatim, every screen and every line on a terminal passes them through here.
"""

from __future__ import annotations

LONGEST_LINE = 300
"""Characters of an error message at the most."""

_NAMED = {"\t": " ", "\n": " ", "\r": " "}


def printable(text: str) -> str:
    """The text on one line, with every character that could steer a terminal made visible.

    Control characters become their picture (`␛`), other characters that Python does not call
    printable (C1 controls, bidi overrides, zero-width marks, lone surrogates) become `�`.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _visible(c) for c in text)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """The printable text, cut to so many characters."""
    text = printable(text)
    return text if len(text) <= longest else text[: max(longest - 1, 0)] + "…"[: max(longest, 0)]


def _visible(char: str) -> str:
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if char.isspace():
        return " "
    return "�"
