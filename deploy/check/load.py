"""`load.py ORIGIN CA FILE`: asks pages and APIs all the time while FILE exists, and sends what would change something. Ends with 1 when an
answer was missing, or one that says to come back. What is sent is refused by its rules (400): that is an answer."""

import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

CHANGE = "/api/people/token"
PATHS = ("/", "/calls", CHANGE, "/api/people/keys", "/api/applications/openapi.json", "/api/payments/openapi.json",
         "/api/vouchers/openapi.json", "/api/evaluation/openapi.json")  # fmt: skip
PAUSE_SECONDS, ANSWER_SECONDS = 0.2, 90


def ask(origin: str, path: str, trust: ssl.SSLContext, until: Path, counts: Counter[str], slowest: list[float]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))
    while until.exists():
        began = time.monotonic()
        try:
            with opener.open(origin + path, b"grant_type=none" if path == CHANGE else None, timeout=ANSWER_SECONDS) as answer:
                answer.read()
                counts["answered"] += 1
        except urllib.error.HTTPError as error:
            counts["answered" if error.code == 400 and path == CHANGE else f"{path}: {error}"] += 1
        except OSError as error:
            counts[f"{path}: {error}"] += 1
        slowest[0] = max(slowest[0], time.monotonic() - began)
        time.sleep(PAUSE_SECONDS)


def _everything_is_here() -> None:
    """Names below `.localhost` are of this machine (RFC 6761); not every resolver knows it."""
    resolve = socket.getaddrinfo
    socket.getaddrinfo = lambda _, *rest, **options: resolve("127.0.0.1", *rest, **options)


def main() -> None:
    origin, authority, file = sys.argv[1:]
    _everything_is_here()
    trust, counts, slowest = ssl.create_default_context(cafile=authority), Counter[str](), [0.0]
    threads = [threading.Thread(target=ask, args=(origin, path, trust, Path(file), counts, slowest)) for path in PATHS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = counts.pop("answered", 0)
    sys.stdout.write(f"{answered} requests answered, {sum(counts.values())} lost, the slowest took {slowest[0]:.1f} s\n")
    for lost, number in counts.items():
        sys.stdout.write(f"{number} x {lost}\n")
    sys.exit(bool(counts) or not answered)


if __name__ == "__main__":
    main()
