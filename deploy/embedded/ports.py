"""Ports on the loopback address: find a free one, claim it against other processes, check whether a server listens."""

import random
import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"
# Below the range from which Linux takes the local ports of outgoing connections (32768 and up): otherwise a client could
# take a free port in the moment before its server binds it.
_RANGE = (15_000, 32_000)
_claims: dict[int, socket.socket] = {}
_returned: set[int] = set()


def free_port(excluded: Collection[int] = ()) -> int:
    """Returns a random port on which nothing listens and which no process has claimed. Raises `OSError` when none is found.

    Never one of `excluded`, and never one that this process got before: that one's server may not listen yet. Random, so that
    stacks started side by side seldom try the same port.
    """
    for _ in range(1000):
        port = random.SystemRandom().randrange(*_RANGE)
        if port not in excluded and port not in _returned and is_free(port):
            _returned.add(port)
            return port
    raise OSError("no free port found")


def is_free(port: int) -> bool:
    """True when nothing listens on the port and no other process has claimed it."""
    was_ours = port in _claims
    free = claim(port)
    if not was_ours:
        release([port])
    return free


def claim(port: int) -> bool:
    """Keeps other processes from claiming a free port until this process releases it or ends. Returns False when it is not free.

    A platform chooses its ports some seconds before the last of its servers listens. The claim is a name among Linux's abstract
    sockets: these belong to the same network namespace as the port and vanish with the process.
    """
    if not _can_bind(port):
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
    """Ends this process's claims on the ports; ports that it did not claim are ignored."""
    for port in ports:
        if name := _claims.pop(port, None):
            name.close()


def listens(port: int) -> bool:
    """True when a server accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
