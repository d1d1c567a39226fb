"""Ports on the loopback address: find a free one, keep it from other processes, see whether somebody listens."""

import random
import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"
# Below the range from which Linux takes the local ports of outgoing connections (32768 and up): a port found free
# here is not taken by a client in the moment before its server binds it.
_RANGE = (15_000, 32_000)
_claims: dict[int, socket.socket] = {}
_drawn: set[int] = set()


def free_port(besides: Collection[int] = ()) -> int:
    """A port that nobody holds at this moment, none of `besides`, and none that this process has drawn before, since that one's server
    may not listen yet; random, so that stacks started side by side seldom meet."""
    for _ in range(1000):
        port = random.SystemRandom().randrange(*_RANGE)
        if port not in besides and port not in _drawn and is_free(port):
            _drawn.add(port)
            return port
    raise OSError("no free port found")


def is_free(port: int) -> bool:
    """Whether nobody listens there and no other process has claimed it."""
    was_ours = port in _claims
    free = claim(port)
    if not was_ours:
        release([port])
    return free


def claim(port: int) -> bool:
    """Keeps a free port from other processes that draw one, until this process ends or gives it back; False when it is not free.

    A platform settles its ports some seconds before the last of its servers listens. The claim is a name among Linux's abstract
    sockets, which are of the same network as the port and go with the process.
    """
    if not _binds(port):
        return False
    if port not in _claims:
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0triptych-port-{port}")
        except OSError:
            name.close()
            return False
        _claims[port] = name
    return True


def release(ports: Collection[int]) -> None:
    for port in ports:
        if name := _claims.pop(port, None):
            name.close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _binds(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
