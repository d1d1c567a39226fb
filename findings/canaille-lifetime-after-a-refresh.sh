#!/usr/bin/env bash
# Canaille: an access token lives ten days when it comes of a code, and an hour when it comes of a refresh.
#
# Versions: canaille 0.3.6 (front, oidc, server, sqlite).
# Expected: one client has one lifetime of its access tokens, however it got them.
# Happens:  expires_in is 864,000 after the exchange of the code, and 3,600 after a refresh: each grant has a default of its own, and
#           neither is configured.
# Matters:  a client that was tried for a day has never renewed a token; in its second week it renews each hour. A list of tokens to
#           revoke is kept too short.
# Guard:    read expires_in of each answer, and count on nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'canaille[front,oidc,server,sqlite]==0.3.6'
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import logging
from importlib.metadata import version
from urllib.parse import parse_qs, urljoin, urlsplit

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import RSAKey

logging.disable(logging.CRITICAL)
BACK = "http://127.0.0.1/back"
KEY = RSAKey.generate_key(2048, {"use": "sig"}, private=True, auto_kid=True)
app = create_app(
    config={
        "SECRET_KEY": "x" * 32,
        "SERVER_NAME": "id.example",
        "PREFERRED_URL_SCHEME": "https",
        "WTF_CSRF_ENABLED": False,
        "CANAILLE": {"DATABASE": "sql", "SMTP": None},
        "CANAILLE_SQL": {"DATABASE_URI": "sqlite:///one.sqlite"},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [KEY.as_dict(private=True)]},
    }
)
with app.app_context(), Backend.instance.session():
    names = {"user_name": "ada", "formatted_name": "Ada", "family_name": "A"}
    Backend.instance.save(models.User(**names, emails=["ada@people.example"], password="demonstration"))
    client = models.Client(
        client_id="one", client_secret="secret", client_name="One", client_uri="http://127.0.0.1", redirect_uris=[BACK],
        grant_types=["authorization_code", "refresh_token"], response_types=["code"], scope=["openid"],
        token_endpoint_auth_method="client_secret_basic",
    )
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)


def code(browser) -> str:
    asked = {"client_id": "one", "redirect_uri": BACK, "response_type": "code", "scope": "openid", "nonce": "n"}
    answer = browser.get("https://id.example/oauth/authorize", query_string=asked)
    for _ in range(6):  # two pages of the sign-in and their redirects
        if answer.headers.get("Location", "").startswith(BACK):
            return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        if answer.status_code == 302:
            answer = browser.get(urljoin("https://id.example", answer.headers["Location"]))
        else:
            page = {"password": "demonstration"} if b'name="password"' in answer.data else {"login": "ada"}
            answer = browser.post(answer.request.url, data=page)
    raise SystemExit(f"no code: {answer.status_code} {answer.request.url}")


def tokens(**form: str) -> dict:
    return app.test_client().post("https://id.example/oauth/token", data=form, auth=("one", "secret")).get_json()


first = tokens(grant_type="authorization_code", code=code(app.test_client()), redirect_uri=BACK)
second = tokens(grant_type="refresh_token", refresh_token=first["refresh_token"])
print(f"canaille {version('canaille')}: expires_in of a code {first['expires_in']}, of a refresh {second['expires_in']}")
assert (first["expires_in"], second["expires_in"]) == (864_000, 3_600)
print("as described")
PYTHON
