"""Our own theme, and what makes any theme readable: contrast of text, cursor and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.color import Color
from textual.theme import Theme

LEAST_CONTRAST = 4.5
"""Of text on what it stands on; WCAG 2.2, success criterion 1.4.3."""
LEAST_MUTED = 3.0
"""Of text that is shown dim: Textual blends it half with its background."""
LEAST_HINT = 3.5
"""The same on a field, whose ground Textual tints when it has the keys."""
STEPS = 20

CORPSYNC = Theme(
    name="corpsync",
    primary="#5aa9e6",
    secondary="#7f9bb3",
    accent="#e0b95c",
    success="#7fc97f",
    warning="#e6a456",
    error="#f07575",
    foreground="#d7dde4",
    background="#0f141a",
    surface="#151c24",
    panel="#1d2732",
    dark=True,
    variables={
        "block-cursor-background": "#27496b",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#1f2d3b",
        "block-cursor-blurred-foreground": "#e6ebf0",
        "block-hover-background": "#1b2733",
        "border": "#3d5166",
        "border-blurred": "#2a3744",
        "input-selection-background": "#5aa9e6 35%",
        "scrollbar": "#2f4357",
        "scrollbar-hover": "#3d5871",
        "scrollbar-active": "#5aa9e6",
        "scrollbar-background": "#121921",
        "scrollbar-background-hover": "#121921",
        "scrollbar-background-active": "#121921",
        "scrollbar-corner-color": "#121921",
        "footer-key-foreground": "#e0b95c",
    },
)
"""The theme that is on until the director picks another in the palette."""


def readable(variables: Mapping[str, str]) -> dict[str, str]:
    """A theme's variables with every text and cursor strong enough to be read.

    What is strong enough stays as the theme has it. A theme of the terminal's own colours stays
    whole: what they look like is not known here.
    """
    found = dict(variables)
    if Color.parse(found["background"]).ansi is not None:
        return found
    background = Color.parse(found["background"])
    grounds = [background, *(_seen(found[name], background) for name in ("surface", "panel"))]
    text = _strengthened(_seen(found["foreground"], background), grounds, dim=True)
    row = _ground(background, _seen(found["block-cursor-blurred-background"], background), text)
    cursor = _seen(found["block-cursor-background"], background)
    above = _strengthened(_seen(found["block-cursor-foreground"], cursor), [cursor])
    cursor = _ground(above.inverse, cursor, above)
    above_row = _strengthened(_seen(found["block-cursor-blurred-foreground"], row), [row], dim=True)
    found["foreground"] = text.hex
    found["block-cursor-blurred-background"] = row.hex
    found["block-cursor-blurred-foreground"] = above_row.hex
    found["block-cursor-background"] = cursor.hex
    found["block-cursor-foreground"] = above.hex
    for name in ("primary", "secondary", "accent", "success", "warning", "error"):
        color = _seen(found[f"text-{name}"], background)
        found[f"text-{name}"] = _strengthened(color, [*grounds, row]).hex
    hint = _seen(found["text-disabled"], grounds[1])  # what an empty field asks for
    if contrast(hint, grounds[1]) < LEAST_HINT:
        found["text-disabled"] = grounds[1].blend(text, 0.6).hex
    fields = (grounds[1], grounds[1].blend(text, 0.05))  # Textual tints the one that has the keys
    chosen = [_seen(found["input-selection-background"], field) for field in fields]
    found["input-selection-foreground"] = _strengthened(text, chosen).hex
    for name in ("footer-key-foreground", "footer-description-foreground"):
        color = _seen(found[name], grounds[-1])
        found[name] = _strengthened(color, grounds[-1:]).hex
    return found


def _seen(color: str, ground: Color) -> Color:
    """A colour as it is seen on a ground; `auto 87%` is whatever stands out from it."""
    word, _, percent = color.partition(" ")
    alpha = float(percent.strip("%") or 100) / 100
    if word == "auto":
        return ground + ground.get_contrast_text(alpha)
    return ground + Color.parse(word).multiply_alpha(alpha)


def contrast(one: Color, other: Color) -> float:
    """The ratio of their luminances by WCAG 2.2: 1 for the same colour, 21 for black on white."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _strengthened(color: Color, grounds: Sequence[Color], *, dim: bool = False) -> Color:
    """The colour itself, or as much nearer to black or white as these grounds ask for."""
    ends = (Color(0, 0, 0), Color(255, 255, 255))
    end = max(ends, key=lambda e: min(contrast(e, ground) for ground in grounds))
    steps = (color.blend(end, step / STEPS, alpha=1.0) for step in range(STEPS + 1))
    return next((c for c in steps if _reads(c, grounds, dim=dim)), end)


def _reads(color: Color, grounds: Sequence[Color], *, dim: bool) -> bool:
    return all(
        contrast(color, ground) >= LEAST_CONTRAST
        and (not dim or contrast(ground.blend(color, 0.5), ground) >= LEAST_MUTED)
        for ground in grounds
    )


def _ground(far: Color, wanted: Color, text: Color) -> Color:
    """Where dim text reads: on the ground wanted, or as much nearer to `far` as it asks for."""
    steps = (wanted.blend(far, step / STEPS) for step in range(STEPS + 1))
    return next((ground for ground in steps if _reads(text, [ground], dim=True)), far)
