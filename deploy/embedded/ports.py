"""Ports on the loopback address: find a free one, see whether somebody listens."""

import random
import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"
# Below the range from which Linux takes the local ports of outgoing connections (32768 and up): a port found free
# here is not taken by a client in the moment before its server binds it.
_RANGE = (15_000, 32_000)


def free_port(besides: Collection[int] = ()) -> int:
    """A port that nobody holds at this moment, and none of `besides`; random, so that stacks started side by side seldom meet."""
    for _ in range(1000):
        port = random.SystemRandom().randrange(*_RANGE)
        if port not in besides and is_free(port):
            return port
    raise OSError("no free port found")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
