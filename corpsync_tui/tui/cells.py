"""Texts cut and filled to a number of terminal cells, wide characters counted as two.

Every width is allowed: below one there is room for nothing.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


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


def _end(text: str, width: int) -> str:
    """As much of the text's end as has room."""
    start = len(text)
    while start > 0 and (width := width - cell_len(text[start - 1])) >= 0:
        start -= 1
    return text[start:]
