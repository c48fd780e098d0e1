"""Boxes over any screen."""
