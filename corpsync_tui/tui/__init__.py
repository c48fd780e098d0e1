"""The Textual app: screens and widgets over the one bridge to sync."""
