"""corpsync: an EVE Online corporation's data, kept in a local SQLite file and shown live."""

__version__ = "0.2.0"
