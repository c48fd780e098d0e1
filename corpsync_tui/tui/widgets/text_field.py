"""A field to type into."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class TextField(Input):
    """Textual's field, whose keys all act in the order in which they were typed.

    Textual types characters at once but lets every other key climb to the app before it acts: of
    two backspaces and a 7 in one burst, as slow lines send them, the 7 came first, and was lost.
    """

    async def on_key(self, event: events.Key) -> None:
        """Act on the field's own keys here."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return
