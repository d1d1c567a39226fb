"""How services are served behind the gateway."""

from shared.runtime.serve import SERVED

GATEWAY_KEEPS_SECONDS = 120
"""Idle connections to a service: Caddy's `keepalive` of the HTTP transport, which `deploy/Caddyfile` leaves as it is."""


def test_idle_connection_outlasts_the_gateways_own() -> None:
    """With uvicorn's own five seconds, a form that was sent five seconds after the page before was answered with 502."""
    assert SERVED["timeout_keep_alive"] > GATEWAY_KEEPS_SECONDS
