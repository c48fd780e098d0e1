"""The tests of corpsync, and what they stand on."""

import os
import sys

# Hundreds of processes import the same modules: they keep the bytecode, whatever the shell says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
