"""The believable, seeded world that the simulator tells about."""
