"""`python -m corpsync_tui` is the same as `corpsync`."""

from corpsync_tui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
