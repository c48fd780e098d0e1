"""The tests of corpsync, and what they stand on."""

import os
import shutil
import sys
from pathlib import Path

# Hundreds of processes import the same modules: they keep the bytecode, whatever the shell says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Thousands of databases are written, and what is synced to a disk is waited for: memory holds them.
MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that must be free there; what a test that passed wrote is removed at its end."""
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
