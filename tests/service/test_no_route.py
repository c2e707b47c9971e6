"""The whole service on a machine with no route out: no library fetches anything at run time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone

ROOT = Path(__file__).parents[2]

# Run in a network namespace of its own, which has a loopback interface that is down, and no other.
INSIDE = """
import fcntl, os, socket, struct, sys
control = socket.socket()
name = b"lo"
flags = struct.unpack("16sh", fcntl.ioctl(control, 0x8913, struct.pack("16sh", name, 0)))[1]
fcntl.ioctl(control, 0x8914, struct.pack("16sh", name, flags | 1))
try:
    socket.create_connection(("192.0.2.1", 443), timeout=2)
except OSError:
    pass
else:
    sys.exit("there is a route out")
os.execv(sys.executable, [sys.executable, "-m", "privacy_service", "demo", "--json"])
"""


def may_unshare() -> bool:
    return (
        subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not may_unshare(), reason="this machine allows no network namespaces")
def test_the_demonstration_runs_with_no_route_out() -> None:
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", INSIDE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
