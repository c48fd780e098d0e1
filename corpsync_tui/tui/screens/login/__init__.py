"""The login."""
