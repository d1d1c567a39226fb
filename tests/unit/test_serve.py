"""How services are served behind the gateway."""

from shared.runtime.serve import SERVED

GATEWAY_KEEPS_SECONDS = 120
"""Idle connections to a service: Caddy's `keepalive` of the HTTP transport, which `deploy/Caddyfile` leaves as it is."""


def test_service_ends_no_connection_that_the_gateway_may_use_again() -> None:
    """With uvicorn's own five seconds, a form that was sent five seconds after the page before was answered with 502."""
    assert SERVED["timeout_keep_alive"] > GATEWAY_KEEPS_SECONDS
