"""Text from outside within Markdown."""

from __future__ import annotations

import re

from corpsync_tui.text import printable

_SIGNS = re.compile(r"[\\*_~`|<>\[\]()#@]|:(?=//)|^[-+]|^(?P<number>\d+)\.")


def escape_markdown(text: str) -> str:
    """The text on one printable line that Markdown, Discord's too, shows as it stands."""
    return _SIGNS.sub(lambda found: f"{found['number'] or ''}\\{found[0][-1]}", printable(text))
