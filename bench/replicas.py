"""Transfers over gRPC with 1, 2 and 3 replicas on one PostgreSQL, all in one run.

Client, replicas and database share this machine's cores, so that more replicas add no processor
time: what is seen is what a further replica costs, and that the one log does not get slower by it.
`ms of replicas` and `ms of database` are processor time for one transfer.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from bench.clocks import saturated
from bench.echo import OPTIONS
from bench.machine import processor_seconds
from bench.report import Report, Row
from bench.service import KB, Payload, Server, letter, orders, started, transfer
from bench.serving import CONTRACTS
from bench.store import postgresql
from privacy_service.commands.examples import partners_of, put_examples
from privacy_service.commands.trial import Trial, set_up
from privacy_service.settings import DetectionSettings

_CALLERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Replicas that serve, and the database below them."""

    trial: Trial
    replicas: Sequence[Server]
    database: int

    def used(self) -> tuple[float, float]:
        """Processor seconds of the replicas, and of the database."""
        served = sum(replica.processor_seconds() for replica in self.replicas)
        return served, processor_seconds(self.database)


def run(report: Report, *, full: bool) -> None:
    """One table for each kind of payload."""
    seconds = 20.0 if full else 8.0
    with postgresql() as url, tempfile.TemporaryDirectory() as folder:
        trial = set_up(
            Path(folder) / "trial",
            partners_of(CONTRACTS),
            database=url,
            detection=DetectionSettings(processes=1, seconds=600),
        )
        database = int((Path(url.rpartition("=")[2]) / "postmaster.pid").read_text().split()[0])
        for payload in (orders(KB), letter()):
            rows = [_measured(trial, database, payload, size, seconds) for size in (1, 2, 3)]
            report.table(f"Replicas on one PostgreSQL: {payload.name}", rows)


def _measured(trial: Trial, database: int, payload: Payload, size: int, seconds: float) -> Row:
    with _fleet(trial, database, size) as fleet, _channels(fleet) as channels:
        for channel in channels:
            transfer(channel, payload)
        turns = itertools.cycle(channels)
        own = [next(turns) for _ in range(_CALLERS)]
        served, stored = fleet.used()
        began = time.perf_counter()
        took = saturated(
            lambda caller: transfer(own[caller % _CALLERS], payload),
            callers=_CALLERS,
            seconds=seconds,
        )
        calls = took.rate * (time.perf_counter() - began)
        after = fleet.used()
        return {
            "replicas": size,
            "transfers/s": took.rate,
            "median ms": took.median,
            "p99 ms": took.p99,
            "ms of replicas": (after[0] - served) / calls * 1e3,
            "ms of database": (after[1] - stored) / calls * 1e3,
        }


@contextmanager
def _fleet(trial: Trial, database: int, size: int) -> Iterator[Fleet]:
    settings = trial.folder / "settings.json"
    settings.write_text(trial.settings.model_dump_json(), "utf-8")
    with ExitStack() as opened:
        replicas = [
            opened.enter_context(started("bench.replica", str(settings))) for _ in range(size)
        ]
        put_examples(trial, replicas[0].port, CONTRACTS)
        yield Fleet(trial=trial, replicas=replicas, database=database)


@contextmanager
def _channels(fleet: Fleet) -> Iterator[list[grpc.Channel]]:
    files = fleet.trial.partners["bench-shop"]
    credentials = grpc.ssl_channel_credentials(
        files.authority.read_bytes(),
        files.private_key.read_bytes(),
        files.certificate.read_bytes(),
    )
    with ExitStack() as opened:
        yield [
            opened.enter_context(
                grpc.secure_channel(f"127.0.0.1:{replica.port}", credentials, OPTIONS)
            )
            for replica in fleet.replicas
        ]
