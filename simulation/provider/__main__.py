"""`python -m simulation.provider`: Canaille, an OpenID provider, with the people of the demonstration. Keeps nothing: its people are fixed,
and who was signed in at it signs in again after a restart."""

import json
import logging
import secrets
import signal
import sys
import threading
from collections.abc import Iterable

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from flask import Flask
from werkzeug.serving import make_server

from simulation.provider.people import DemonstrationPerson, demonstration_people, regions_in
from simulation.provider.settings import ProviderSettings

log = logging.getLogger("provider")
HOST = "127.0.0.1"
FAST = {"pbkdf2_sha512__rounds": 1}
"""The password of all people is on the start page, so there is nothing to protect."""
AFTER_SIGN_OUT = ("signed-out", "account-closed")
"""The pages to which the provider sends a browser after a sign-out."""


def main() -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    log.setLevel(logging.INFO)
    settings = ProviderSettings()
    people = list(demonstration_people(regions_in(settings.regions)))
    settings.provider_people.write_text(json.dumps([person.model_dump() for person in people]))
    server = make_server(HOST, settings.port, provider(settings, people), threaded=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    log.info("provider ready")
    server.serve_forever()


def provider(settings: ProviderSettings, people: Iterable[DemonstrationPerson]) -> Flask:
    """The provider with its people and its one client. Its in-memory database takes any of several conditions for all of them, so that a
    sign-in that nobody finished spoils the next ones; hence a file, which is removed at each start."""
    settings.provider_database.unlink(missing_ok=True)
    address = f"{HOST}:{settings.port}"
    app: Flask = create_app(
        config={
            "SECRET_KEY": secrets.token_hex(32),
            "SERVER_NAME": address,
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {
                "NAME": "Triptych demonstration",
                "DATABASE": "sql",
                "LOGO": None,
                "SMTP": None,
                "ENABLE_PASSWORD_RECOVERY": False,
                "EMAIL_CONFIRMATION": True,  # without SMTP: nobody changes an address, so `people` may take each for verified
            },
            "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{settings.provider_database}", "PASSWORD_HASH_PARAMS": FAST},
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [json.loads(settings.provider_key.read_text())]},
        }
    )
    with app.app_context(), Backend.instance.session():
        for person in people:
            given, _, family = person.name.partition(" ")
            account = models.User(
                user_name=person.user_name,
                formatted_name=person.name,
                given_name=given,
                family_name=family,
                emails=[person.email],
                password=person.password,
                preferred_language=person.language,
            )
            Backend.instance.save(account)
        client = models.Client(
            client_id=settings.provider_client,
            client_secret=settings.provider_secret.get_secret_value(),
            client_name="Triptych",
            client_uri=f"http://{HOST}",  # trusted: no question for consent
            redirect_uris=[f"{origin}/signed-in" for origin in settings.provider_origins],
            post_logout_redirect_uris=[f"{origin}/{path}" for origin in settings.provider_origins for path in AFTER_SIGN_OUT],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "profile", "email"],
            token_endpoint_auth_method="client_secret_basic",
            id_token_signed_response_alg="RS256",
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
    return app


if __name__ == "__main__":
    main()
