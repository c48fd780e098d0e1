"""Texts cut and filled to a number of terminal cells, wide characters counted as two.

Every width is allowed: below one there is room for nothing.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

STEP = " › "
"""Between the steps of a path."""


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells: cut with `…`, or filled with spaces."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return " " * (width - size) + text if right else text + " " * (width - size)


def fit_middle(text: str, width: int) -> str:
    """The text in at most `width` cells, cut in the middle so that its end stays whole."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    head = (width - 1) // 3
    return set_cell_size(text, head).rstrip() + "…" + _end(text, width - 1 - head)


def fit_path(text: str, width: int) -> str:
    """A path of steps in at most `width` cells: `Jita … › Hangar 3 › Spare parts`.

    Of the first step the solar system stays, and then whole steps are left out; where not even
    the last one has room beside `…`, that one is cut.
    """
    first, *steps = text.split(STEP)
    if cell_len(text) <= width or not steps:
        return fit_middle(text, width)
    system = first.partition(" - ")[0]
    for start in range(len(steps)):
        shorter = f"{system} …{STEP}{STEP.join(steps[start:])}"
        if cell_len(shorter) <= width:
            return shorter
    shorter = f"…{STEP}{steps[-1]}"
    return shorter if cell_len(shorter) <= width else fit_middle(steps[-1], width)


def _end(text: str, width: int) -> str:
    """As much of the text's end as has room."""
    start = len(text)
    while start > 0 and (width := width - cell_len(text[start - 1])) >= 0:
        start -= 1
    return text[start:]
