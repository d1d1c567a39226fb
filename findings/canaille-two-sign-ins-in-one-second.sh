#!/usr/bin/env bash
# Canaille: one person who signs in at one client twice in the same second, as in two windows, gets an error for the second sign-in.
#
# Versions: canaille 0.3.6 (front, oidc, server, sqlite).
# Expected: two code exchanges give two sets of tokens.
# Happens:  access tokens are JWTs whose content is person, client, scope and whole seconds, without an id of their own. Two of one second
#           are the same text, the table of tokens takes it once, and the second exchange is answered with 500.
# Matters:  tests and demonstrations that sign in quickly; people whose browser opens two pages at once.
# Guard:    wait a second between two sign-ins of one person; a client treats 500 of the token endpoint as an outage and begins again.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "canaille[front,oidc,server,sqlite]==0.3.6"
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import logging
import re
import time
from importlib.metadata import version
from urllib.parse import parse_qs, urljoin, urlsplit

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import RSAKey

logging.disable(logging.CRITICAL)
BACK = "http://127.0.0.1/back"
app = create_app(
    config={
        "SECRET_KEY": "x" * 32,
        "SERVER_NAME": "id.example",
        "PREFERRED_URL_SCHEME": "https",
        "WTF_CSRF_ENABLED": False,
        "CANAILLE": {"DATABASE": "sql", "SMTP": None},
        "CANAILLE_SQL": {"DATABASE_URI": "sqlite:///one.sqlite"},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [RSAKey.generate_key(2048, {"use": "sig"}, private=True, auto_kid=True).as_dict(private=True)]},
    }
)
with app.app_context(), Backend.instance.session():
    Backend.instance.save(models.User(user_name="ada", formatted_name="Ada", family_name="A", emails=["ada@people.example"], password="demonstration"))
    client = models.Client(
        client_id="one", client_secret="secret", client_name="One", client_uri="http://127.0.0.1", redirect_uris=[BACK],
        grant_types=["authorization_code"], response_types=["code"], scope=["openid"], token_endpoint_auth_method="client_secret_basic",
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


codes = [code(app.test_client()) for _ in range(2)]
time.sleep(1 - time.time() % 1)  # both exchanges within the second that begins now
answers = [
    app.test_client().post(
        "https://id.example/oauth/token", data={"grant_type": "authorization_code", "code": one, "redirect_uri": BACK}, auth=("one", "secret")
    )
    for one in codes
]
print(f"canaille {version('canaille')}: two exchanges in one second:", [answer.status_code for answer in answers])
problem = re.search(r"UNIQUE constraint failed: [\w.]+", answers[1].get_data(as_text=True))
print("second answer:", problem and problem[0])
assert [answer.status_code for answer in answers] == [200, 500]
assert problem
PYTHON
echo "As described."
