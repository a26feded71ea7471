"""The program under test, which TOPOFORGE_BINARY names."""

import os
import subprocess

BINARY = os.environ["TOPOFORGE_BINARY"]

# Servers that tests kill leave their counters in /dev/shm, and libmongoc writes a warning as any command starts where
# one with the same process id has.
os.environ["MONGOC_DISABLE_SHM"] = "1"


def sanitized():
    """Whether it runs under a sanitizer, many times slower and with memory of its own."""
    libraries = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    return "libasan" in libraries or "libtsan" in libraries
