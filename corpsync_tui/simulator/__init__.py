"""A corporation on loopback: ESI and SSO over real HTTP, for the demo, tests and benchmarks.

`python -m corpsync_tui.simulator` starts it as a process of its own; tests start a `Simulator`
in theirs.
"""
