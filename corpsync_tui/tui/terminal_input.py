"""What a terminal sends, parted into keys and mouse reports, and all the rest, which is dropped.

Textual 8.2.8 takes whatever it does not know for keys (textual#6573: the letters of a late
answer press keys), and its input thread ends the app at bytes that are no UTF-8, old mouse
reports (textual#6456) and key reports with an event type (kitty#9342). So only whole sequences
that its parser reads to their end reach it. Forms: xterm's "Control Sequences"
(https://invisible-island.net/xterm/ctlseqs/ctlseqs.html) and kitty's keyboard protocol
(https://sw.kovidgoyal.net/kitty/keyboard-protocol/).
"""

from __future__ import annotations

import logging
import re
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator

from textual import constants, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import (
    BRACKETED_PASTE_END,
    BRACKETED_PASTE_START,
    FOCUSIN,
    FOCUSOUT,
    XTermParser,
)
from textual.message import Message

SEQUENCE_SECONDS = 3.0
"""How long the rest of a sequence or of a pasted text is waited for."""
LONGEST_SEQUENCE = 64
"""Bytes of a sequence that are kept; the rest of a longer one is dropped with it."""

_ESC, _BEL, _CAN, _SUB, _ST = 0x1B, 0x07, 0x18, 0x1A, 0x9C
_C1_INTRODUCERS = {
    0x8F: b"O",
    0x90: b"P",
    0x98: b"X",
    0x9B: b"[",
    0x9D: b"]",
    0x9E: b"^",
    0x9F: b"_",
}
"""The same introducers in one byte, which no UTF-8 text begins a character with."""
_STRINGS = b"P]X^_"
"""What introduces a control string: DCS, OSC, SOS, PM, APC."""
_TWO_BYTES = frozenset({b"\x1b\x7f", b"\x1bb", b"\x1bf"})
"""Of the keys with alt, those that fields know: by words, back and forth."""
_MOUSE = re.compile(r"\x1b\[<(\d{1,3});\d{1,5};\d{1,5}[Mm]")
_OTHER_BUTTONS = 128
"""From here on a mouse report is about buttons that Textual takes for the first three."""
_SYNCHRONIZED = re.compile(r"\x1b\[\?2026;\d\$y")
_KITTY_KEY = re.compile(
    r"\x1b\[(\d{0,7})(?::[\d:]*)?(?:;(\d{0,3})(?::(\d))?)?(?:;([\d:]*))?([u~A-HPQS])"
)
_RELEASED = "3"

log = logging.getLogger(__name__)


class TerminalInput:
    """Reads a terminal's bytes, however they are cut."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._parser = XTermParser()
        self._decoder = getincrementaldecoder("utf-8")("ignore")
        self._sequence = bytearray()
        self._eight_bit = False
        self._since = 0.0
        """When the sequence at hand began, or the last text of a paste came."""
        self._escaped: float | None = None
        """When an esc was taken for a key, if nothing came since."""
        self._pasted: list[str] | None = None

    def feed(self, data: bytes) -> Iterator[Message]:
        """What these bytes mean, as far as it is known now."""
        if self._escaped is not None and _goes_on(data, self._monotonic() - self._escaped):
            self._begin(b"\x1b")
        self._escaped = None
        for byte in data:
            if not self._sequence:
                yield from self._begin_or_type(byte)
            else:
                yield from self._continue(byte)

    def tick(self) -> Iterator[Message]:
        """What the silence since the last bytes means."""
        now = self._monotonic()
        if self._sequence == b"\x1b" and now - self._since >= constants.ESCAPE_DELAY:
            self._sequence.clear()
            self._escaped = now
            yield events.Key("escape", "\x1b")
        elif now - self._since >= SEQUENCE_SECONDS:
            self._sequence.clear()
            yield from self._end_paste()

    def _begin(self, introducer: bytes, *, eight_bit: bool = False) -> None:
        self._sequence[:] = introducer
        self._eight_bit = eight_bit
        self._since = self._monotonic()

    def _begin_or_type(self, byte: int) -> Iterator[Message]:
        if byte == _ESC:
            self._begin(b"\x1b")
        elif byte in _C1_INTRODUCERS and not self._decoder.getstate()[0]:
            self._begin(b"\x1b" + _C1_INTRODUCERS[byte], eight_bit=True)
        elif text := self._decoder.decode(bytes([byte])):
            if self._pasted is None:
                yield from self._parse(text)
            else:
                self._pasted.append(text)
                self._since = self._monotonic()

    def _continue(self, byte: int) -> Iterator[Message]:
        held = self._sequence
        if byte in (_CAN, _SUB):
            held.clear()
        elif held[1:2] and held[1] in _STRINGS:
            self._continue_string(byte)
        elif byte == _ESC:
            if held == b"\x1b" and self._pasted is None:
                yield events.Key("escape", "\x1b")
            self._begin(b"\x1b")
        else:
            if len(held) < LONGEST_SEQUENCE:
                held.append(byte)
            if _is_whole(held, byte):
                whole = bytes(held)
                held.clear()
                yield from self._accept(whole)

    def _continue_string(self, byte: int) -> None:
        """Swallow control strings to their end: nothing here asks for one."""
        held = self._sequence
        if held[-1] == _ESC and len(held) > 2:
            self._sequence.clear()
            if byte != ord("\\"):
                self._begin(bytes([_ESC, byte]))
        elif byte == _BEL or (byte == _ST and self._eight_bit):
            held.clear()
        else:
            held[2:] = bytes([byte])

    def _accept(self, whole: bytes) -> Iterator[Message]:
        """A whole sequence, if it is one that means something."""
        sequence = whole.decode("ascii", "replace")
        if sequence == BRACKETED_PASTE_END:
            yield from self._end_paste()
        elif self._pasted is not None:
            return
        elif sequence == BRACKETED_PASTE_START:
            self._pasted = []
            self._since = self._monotonic()
        elif key := _kitty_key(sequence):
            yield from self._parse(key)
        elif _is_known(whole, sequence):
            yield from self._parse(sequence)

    def _end_paste(self) -> Iterator[Message]:
        if self._pasted is not None:
            text = "".join(self._pasted)
            self._pasted = None
            yield events.Paste(text.replace("\x00", ""))

    def _parse(self, text: str) -> Iterator[Message]:
        messages: list[Message] = []
        try:
            messages = list(self._parser.feed(text))
        except Exception:
            log.exception("input that could not be read was dropped")
        if not messages:  # a key it knows and ignores: it would hold it, and all that follows
            self._parser = XTermParser()
        yield from messages


def _goes_on(data: bytes, seconds: float) -> bool:
    """Whether this is the rest of a sequence that was cut behind its esc, and no typing."""
    return (
        seconds < SEQUENCE_SECONDS
        and len(data) > 1
        and data[0] in b"[" + _STRINGS
        and len(set(data)) > 1
    )


def _is_whole(held: bytearray, last: int) -> bool:
    """Whether a sequence that is no control string ends with its last byte."""
    if len(held) == 2:
        return last not in b"[O" and last not in _STRINGS
    if held[1] == ord("O"):
        return True
    if held[2] == ord("["):  # the function keys of Linux's console
        return len(held) > 3
    if held[2] == ord("M"):  # an old mouse report: three bytes of any value
        return len(held) > 5
    return 0x40 <= last <= 0x7E


def _is_known(whole: bytes, sequence: str) -> bool:
    """Whether Textual's parser knows a sequence to its end."""
    if len(whole) == 2:
        return whole in _TWO_BYTES
    if mouse := _MOUSE.fullmatch(sequence):
        return int(mouse[1]) < _OTHER_BUTTONS
    return (
        (sequence in ANSI_SEQUENCES_KEYS and not sequence.endswith("R"))  # shift+f3, or a position
        or sequence in (FOCUSIN, FOCUSOUT)
        or _SYNCHRONIZED.fullmatch(sequence) is not None
    )


def _kitty_key(sequence: str) -> str | None:
    """A key of kitty's protocol without what was not asked for; None where it is none.

    Sent without asking, and refused by Textual's parser: other layouts' codes of the key, and
    whether it was pressed, repeated or released.
    """
    found = _KITTY_KEY.fullmatch(sequence)
    if found is None or found[3] == _RELEASED:
        return None
    code, modifiers, _, text, final = found.groups(default="")
    characters = [int(part) for part in text.split(":") if part]
    if not _is_character(int(code or 1)) or not all(map(_is_printable, characters)):
        return None
    return f"\x1b[{code};{modifiers};{text}{final}"


def _is_character(number: int) -> bool:
    return number < 0xD800 or 0xDFFF < number <= 0x10FFFF


def _is_printable(number: int) -> bool:
    return _is_character(number) and chr(number).isprintable()
