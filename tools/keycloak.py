"""`python -m tools.keycloak [--check]`: the people of the demonstration, as Keycloak imports them beside the realm."""

import base64
import hashlib
import json
import sys
from pathlib import Path

from simulation.provider.people import DemonstrationPerson, demonstration_people, regions_in
from tools.written import ROOT, write_or_check

FILE = ROOT / "deploy/keycloak/demonstration/triptych-users-0.json"
"""Keycloak goes by the name: realm, `users`, a number."""


SALT, ROUNDS = b"demonstration...", 1
"""Everybody knows the passwords, so the hash protects nothing. Keycloak would take a tenth of a second for each at the import."""


def representation(person: DemonstrationPerson) -> dict[str, object]:
    """As an account of Keycloak, whose address nobody has to confirm."""
    given, _, family = person.name.partition(" ")
    return {
        "username": person.user_name,
        "enabled": True,
        "email": person.email,
        "emailVerified": True,
        "firstName": given,
        "lastName": family,
        "attributes": {"locale": [person.language]},
        "credentials": [credential(person.password)],
    }


def credential(password: str) -> dict[str, str]:
    """As Keycloak keeps it: two JSON objects as text."""
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), SALT, ROUNDS)
    kept = {"value": base64.b64encode(key).decode(), "salt": base64.b64encode(SALT).decode()}
    how = {"algorithm": "pbkdf2-sha512", "hashIterations": ROUNDS}
    return {"type": "password", "secretData": json.dumps(kept), "credentialData": json.dumps(how)}


def documents() -> dict[Path, str]:
    """Path to content: one line a person."""
    people = [json.dumps(representation(person)) for person in demonstration_people(regions_in(ROOT / "regions"))]
    return {FILE: '{"realm": "triptych", "users": [\n' + ",\n".join(people) + "\n]}\n"}


if __name__ == "__main__":
    sys.exit(write_or_check(documents(), sys.argv[1:]))
