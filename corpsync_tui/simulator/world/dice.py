"""The one source of chance: seeded, so that the same seed makes the same world."""

from random import Random


def dice(*seed: object) -> Random:
    """A generator that depends on nothing but its seed."""
    return Random(repr(seed))  # noqa: S311 - game data, no secret is drawn from it
