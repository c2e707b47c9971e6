"""Real servers of keys, one of each for a whole run: OpenBao, moto for AWS KMS, SoftHSM."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
import requests

from tests.faults.served import free_port

ROOT = Path(__file__).parents[2]
HSM = ROOT / "build" / "softhsm" / "usr"
MODULE = HSM / "lib" / "softhsm" / "libsofthsm2.so"
PIN = "1234"
ROOT_TOKEN = "root-of-the-test"

# One request after the other: moto changes its dictionaries while another thread of it walks them,
# and answers 500 then.
MOTO = """
from moto import server
run = server.run_simple
server.run_simple = lambda *places, **said: run(*places, **{**said, "threaded": False})
server.main()
"""


def started(command: list[str], ready: Callable[[], object], **environment: str) -> None:
    """Starts a server that ends with this process, and waits for it."""
    server = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    atexit.register(server.wait)
    atexit.register(server.kill)
    until = time.monotonic() + 60
    while True:
        try:
            ready()
            return
        except requests.RequestException:
            assert server.poll() is None, f"{command[0]} ended"
            assert time.monotonic() < until, f"{command[0]} does not answer"
            time.sleep(0.05)


@lru_cache(maxsize=1)
def openbao() -> int:
    """The port of an OpenBao with a Transit engine at `transit`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    started(
        [
            str(Path(sys.executable).with_name("bao")),
            "server",
            "-dev",
            "-dev-no-store-token",
            f"-dev-root-token-id={ROOT_TOKEN}",
            f"-dev-listen-address=127.0.0.1:{port}",
        ],
        lambda: requests.get(f"{url}/v1/sys/health", timeout=5).raise_for_status(),
        HOME=tempfile.gettempdir(),
    )
    answer = requests.post(
        f"{url}/v1/sys/mounts/transit",
        headers={"X-Vault-Token": ROOT_TOKEN},
        json={"type": "transit"},
        timeout=5,
    )
    answer.raise_for_status()
    return port


@lru_cache(maxsize=1)
def kms() -> int:
    """The port of a KMS by moto."""
    port = free_port()
    started(
        [sys.executable, "-c", MOTO, "-H", "127.0.0.1", "-p", str(port)],
        lambda: requests.get(f"http://127.0.0.1:{port}/moto-api/data.json", timeout=5),
    )
    return port


@lru_cache(maxsize=1)
def softhsm() -> Path:
    """The folder that SoftHSM keeps its tokens in. Skips where `make test` could not fetch it."""
    if not MODULE.exists():
        pytest.skip("SoftHSM is not here: tools/prepare-softhsm fetches it")
    folder = Path(tempfile.mkdtemp(prefix="softhsm-"))
    tokens = folder / "tokens"
    tokens.mkdir()
    file = folder / "softhsm2.conf"
    file.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(file)
    return tokens


def new_token(label: str) -> Path:
    """A token in SoftHSM with a PIN; the folder that it is kept in."""
    tokens = softhsm()
    before = set(tokens.iterdir())
    subprocess.run(
        [
            str(HSM / "bin" / "softhsm2-util"),
            *("--module", str(MODULE), "--init-token", "--free", "--label", label),
            *("--pin", PIN, "--so-pin", "5678"),
        ],
        check=True,
        capture_output=True,
    )
    (made,) = set(tokens.iterdir()) - before
    return made
