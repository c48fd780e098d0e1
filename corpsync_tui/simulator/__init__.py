"""A corporation on loopback: ESI, SSO and static data over real HTTP.

`python -m corpsync_tui.simulator` starts it as a process of its own; tests start a `Simulator`
in theirs.
"""
