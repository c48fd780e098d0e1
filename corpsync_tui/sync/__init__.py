"""The orchestration: when, what, how far."""
