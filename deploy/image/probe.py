#!/usr/local/bin/python -IS
"""The health check of the image: 0 when the process of this container answers GET /health with 200, else 1, with its answer.
With --answers any answer is enough: a process that lacks its database is not healthy, and starting it again would not help.

Standard library alone, and no site packages: it runs every few seconds in each container."""

import http.client
import os
import sys

port = int(os.environ.get("TRIPTYCH_PORT", "8000"))
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
try:
    connection.request("GET", "/health", headers={"Host": "localhost"})
    answer = connection.getresponse()
    content = answer.read(200).decode(errors="replace")
except OSError as error:
    sys.exit(f"no answer: {error}")
if answer.status != 200 and "--answers" not in sys.argv:
    sys.exit(f"{answer.status} {content}")
