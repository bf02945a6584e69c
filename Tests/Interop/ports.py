"""Ports for the tests' own servers."""

import itertools
import os
import random
import socket

# Below the ports that the system hands out by itself (net.ipv4.ip_local_port_range, 32768 and up): no connection and no other
# server is given one of these while a server that has it is being started again.
_RANGE = range(12_000, 20_000)
# Workers that run side by side have a share of their own each: none takes what another has found free and not bound yet.
_COUNT = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_SHARE = range(_RANGE.start + _NUMBER * len(_RANGE) // _COUNT, _RANGE.start + (_NUMBER + 1) * len(_RANGE) // _COUNT)
_turns = itertools.count(random.Random(os.getpid()).randrange(len(_SHARE)))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A loopback port that nobody listens on and that is given to no other caller in this process."""
    for turn in itertools.islice(_turns, len(_SHARE)):
        port = _SHARE[turn % len(_SHARE)]
        if is_free(port):
            return port
    raise OSError(f"no port of {_SHARE.start} to {_SHARE.stop - 1} is free")


def free_ports(count: int) -> list:
    return [free_port() for _ in range(count)]
