"""The believable, seeded world that the simulator tells about.

A module here that declares a `DATA_SET` (see `table.py`) is a data set: its tables, how they are
filled, what life does to them, and what its routes tell where that is not simply their rows. To
add one is to add one file; what a route needs and costs stands in `routes.json`.
"""
