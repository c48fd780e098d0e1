"""Talking to CCP: HTTP, limits and logins; knows neither tables nor screens."""
