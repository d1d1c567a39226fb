"""The realm for Keycloak fits portal and `people`, has no secret of its own, and starts with all that it needs or not at all."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from deploy.embedded.state import COMMAND_LINE, PORTAL
from operations.installations.loopback import PATH
from portal.sessions.store import ATTEMPT, IDLE, LONGEST
from services.people.domain.sign_ins import SIGN_IN
from services.people.providers import ALGORITHMS, FRESH_SECONDS
from shared.texts.languages import LANGUAGES
from tools.keycloak import documents

DEPLOYMENT = Path(__file__).resolve().parents[2] / "deploy/keycloak"
START = DEPLOYMENT / "start.sh"
TEXT = (DEPLOYMENT / "triptych-realm.json").read_text()
REALM = json.loads(TEXT)
GIVEN = {
    "TRIPTYCH_ORIGIN": "https://grants.example.org",
    "TRIPTYCH_PROVIDER_SECRET": "a" * 32,
    "TRIPTYCH_SMTP": "mail.example.org:587",
    "TRIPTYCH_MAIL_FROM": "no-reply@example.org",
}


def test_sessions_end_with_those_of_the_portal() -> None:
    assert REALM["ssoSessionIdleTimeout"] == IDLE.total_seconds()
    assert REALM["ssoSessionMaxLifespan"] == LONGEST.total_seconds() == SIGN_IN.total_seconds()
    assert REALM["accessCodeLifespanLogin"] == ATTEMPT.total_seconds()
    assert REALM["accessTokenLifespan"] <= FRESH_SECONDS  # of the ID token, too


def test_realm_has_portal_and_commands_and_nobody_in_it() -> None:
    assert "users" not in REALM
    client, commands = [client for client in REALM["clients"] if client["enabled"]]
    assert (client["clientId"], commands["clientId"]) == (PORTAL, COMMAND_LINE)
    assert (client["publicClient"], commands["publicClient"], "secret" in commands) == (False, True, False)
    assert commands["attributes"]["pkce.code.challenge.method"] == "S256"
    assert commands["redirectUris"] == [f"http://127.0.0.1{PATH}"]
    assert client["attributes"]["id.token.signed.response.alg"] in ALGORITHMS
    assert tuple(REALM["supportedLocales"]) == tuple(LANGUAGES)


def test_secrets_come_from_outside_and_are_asked_for() -> None:
    assert [value for value in re.findall(r'"(?:secret|password)": "([^"]*)"', TEXT) if not re.fullmatch(r"\$\{\w+\}", value)] == []
    script = START.read_text()
    assert [name for name in set(re.findall(r"\$\{([^}]*)\}", TEXT)) if f"{name}:?" not in script and f"{name}=" not in script] == []


def test_people_of_the_demonstration_are_generated() -> None:
    """Otherwise: `python -m tools.keycloak`."""
    assert {path: path.read_text() for path in documents()} == documents()


def start(folder: Path, **variables: str) -> tuple[int, str, str]:
    """The script's status, what it says, and the environment and arguments of a program in the place of kc.sh."""
    program = folder / "bin/kc.sh"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nenv\necho "arguments: $*"\n')
    program.chmod(0o700)
    environment = {"PATH": "/usr/bin:/bin", "KEYCLOAK_HOME": str(folder), **variables}
    done = subprocess.run(["/bin/sh", str(START), "start", "--optimized"], check=False, env=environment, capture_output=True, text=True)
    return done.returncode, done.stderr, done.stdout


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        *(({name: ""}, name) for name in GIVEN),
        ({"TRIPTYCH_PROVIDER_SECRET": "a" * 31}, "shorter"),
        ({"TRIPTYCH_PROVIDER_SECRET": "a" * 32 + "${HOME}"}, "other signs"),
        ({"TRIPTYCH_SMTP_SECURITY": "maybe"}, "starttls, tls or none"),
    ],
)
def test_keycloak_starts_with_all_settings_only(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    status, errors, output = start(tmp_path, **GIVEN | changes)
    assert (status != 0, output) == (True, "")
    assert said in errors


def test_settings_of_mail_are_those_of_the_platform(tmp_path: Path) -> None:
    status, _, output = start(tmp_path, **GIVEN, TRIPTYCH_SMTP_SECURITY="tls", TRIPTYCH_SMTP_USER="me", TRIPTYCH_SMTP_PASSWORD="x")
    assert status == 0
    expected = ("HOST=mail.example.org", "PORT=587", "STARTTLS=false", "TLS=true", "LOGIN=true")
    assert {f"REALM_SMTP_{setting}" for setting in expected} <= set(output.splitlines())
    assert output.endswith("arguments: start --optimized --import-realm\n")
