"""A token issuer with its own keys, whose JWKS address is a real HTTP server."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, KeySet
from joserfc.registry import Header

from shared.identity.actor import Actor
from shared.identity.tokens import TokenVerifier
from shared.kernel.ids import new_id

NAME, AUDIENCE, KEY = "https://issuer.test", "triptych-test", bytes(32)


class _AnyHeader(jws.JWSRegistry):
    def check_header(self, header: Header) -> None:
        """A token of a test may have any."""


class Issuer:
    """`mint` is passed to `assert_guarded`. `answer` (status, body) replaces the JWKS document while it is set, `revocations` is the body
    of the revocation list, None for an address that answers 500."""

    def __init__(self) -> None:
        self.key: Key = ECKey.generate_key("P-256")
        self.published: list[Key] = [self.key]
        self.url, self.reads = "", 0
        self.answer: tuple[int, bytes] | None = None
        self.revocations: object = {"tokens": {}, "persons": {}}

    def mint(
        self,
        actor: Actor,
        *,
        expired: bool = False,
        key: Key | None = None,
        alg: str = "ES256",
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """`header`: parameters beside algorithm and key id."""
        now, key = int(time.time()), key or self.key
        content = {
            "iss": NAME,
            "aud": AUDIENCE,
            "sub": actor.machine or actor.id,
            **({"person": actor.id, "machine": True} if actor.machine else {}),
            "roles": {region: sorted(actor.roles_in(region)) for _, region in actor.grants},
            "organisation": actor.organisation_id and str(actor.organisation_id),
            "jti": str(new_id()),
            "auth_time": now - 60,
            "iat": now - (1800 if expired else 60),
            "exp": now + (-600 if expired else 3000),
        }
        content = {name: value for name, value in {**content, **claims}.items() if value is not None}
        key.ensure_kid()
        return jwt.encode({"alg": alg, "kid": key.kid, **(header or {})}, content, key, registry=_AnyHeader(algorithms=[alg]))

    def rotate(self, key: Key | None = None) -> None:
        self.key = key or ECKey.generate_key("P-256")
        self.published = [self.key]

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(self.url, self.revocations_url, NAME, AUDIENCE, KEY)

    @property
    def revocations_url(self) -> str:
        return self.url.replace("jwks", "revocations")

    def document(self, path: str) -> tuple[int, bytes]:
        if path == "/revocations.json":
            return (500, b"") if self.revocations is None else (200, json.dumps(self.revocations).encode())
        self.reads += 1
        return self.answer or (200, json.dumps(KeySet(self.published).as_dict(private=False)).encode())


@contextmanager
def serving() -> Iterator[Issuer]:
    """A new issuer, whose keys are served on a free port until the block ends."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = issuer.document(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    server.server_close()
    thread.join(5)
