"""Texts cut and filled to a number of terminal cells, wide characters counted as two."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells: cut with `…`, or filled with spaces."""
    size = cell_len(text)
    if size > width:
        return set_cell_size(set_cell_size(text, max(0, width - 1)).rstrip() + "…", width)
    return " " * (width - size) + text if right else text + " " * (width - size)


def fit_middle(text: str, width: int) -> str:
    """The text in at most `width` cells, cut in the middle so that its end stays whole."""
    size = cell_len(text)
    if size <= width:
        return text
    head = max(0, (width - 1) // 3)
    tail = text
    while cell_len(tail) > width - 1 - head:
        tail = tail[1:]
    return set_cell_size(text, head).rstrip() + "…" + tail
