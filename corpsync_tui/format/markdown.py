"""Text from outside within Markdown."""

from __future__ import annotations

import re

from corpsync_tui.text import printable

_SIGNS = re.compile(r"[\\*_~`|<>\[\]()#@]|:(?=//)|^[-+]|(?<=^\d)\.")


def escape_markdown(text: str) -> str:
    """The text on one printable line that Markdown, Discord's too, shows as it stands."""
    return _SIGNS.sub(lambda found: f"\\{found[0]}", printable(text))
