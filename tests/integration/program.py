"""The program under test, which TOPOFORGE_BINARY names."""

import os
import subprocess

BINARY = os.environ["TOPOFORGE_BINARY"]


def sanitized():
    """Whether it runs under a sanitizer, many times slower and with memory of its own."""
    libraries = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    return "libasan" in libraries or "libtsan" in libraries
