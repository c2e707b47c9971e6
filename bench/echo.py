"""A gRPC server that sends back what it gets: `python -m bench.echo CORES AUTHORITY CERT KEY`.

It speaks mTLS as the service does, prints its port, and serves until its standard input closes.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

METHOD = "/bench.Echo/Echo"
OPTIONS = [
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.max_send_message_length", 64 << 20),
]


def main(cores: str, authority: str, certificate: str, private_key: str) -> None:
    os.sched_setaffinity(0, {int(core) for core in cores.split(",")})
    server = grpc.server(ThreadPoolExecutor(16), options=OPTIONS)
    same = grpc.unary_unary_rpc_method_handler(lambda request, _context: request)
    handlers = grpc.method_handlers_generic_handler("bench.Echo", {"Echo": same})
    server.add_generic_rpc_handlers((handlers,))
    pair = (Path(private_key).read_bytes(), Path(certificate).read_bytes())
    trusted = Path(authority).read_bytes()
    credentials = grpc.ssl_server_credentials([pair], trusted, require_client_auth=True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    print(json.dumps({"port": port}), flush=True)
    sys.stdin.read()
    server.stop(None).wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
