"""Our own theme: calm, dark, made for a screen that stays open beside the game."""

from __future__ import annotations

from textual.theme import Theme

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
