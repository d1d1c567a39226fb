"""The services accept tokens of the embedded issuer."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from deploy.embedded.identity import AUDIENCE, ISSUER, ensure_key, generate_key, load_key, mint_token, public_keys
from shared.identity.actor import Actor, Role, grants
from shared.identity.tokens import actor_of

FIRM = UUID(int=7)


def test_token_contains_the_actor() -> None:
    key = generate_key()
    token = mint_token(key, subject="o-1", roles=["officer", Role.FINANCE], regions=["be-kortrijk"], organisation=FIRM)
    claims = jwt.decode(token, KeySet.import_key_set(json.loads(public_keys(key)))).claims
    assert actor_of(claims) == Actor("o-1", grants({Role.OFFICER, Role.FINANCE}, {"be-kortrijk"}), FIRM)
    assert (claims["iss"], claims["aud"], claims["exp"] - claims["iat"]) == (ISSUER, AUDIENCE, 3600)


def test_token_lifetime_can_be_chosen() -> None:
    key = generate_key()
    claims = jwt.decode(mint_token(key, subject="x", roles=[], regions=[], lifetime=timedelta(minutes=5)), key).claims
    assert claims["exp"] - claims["iat"] == 300
    assert "organisation" not in claims


def test_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="emperor"):
        mint_token(generate_key(), subject="x", roles=["emperor"], regions=[])


def test_token_of_another_key_is_refused() -> None:
    token = mint_token(generate_key(), subject="x", roles=[], regions=[])
    with pytest.raises(BadSignatureError):
        jwt.decode(token, generate_key())


def test_key_is_kept_and_only_its_public_half_published(tmp_path: Path) -> None:
    private, public = tmp_path / "identity" / "private.json", tmp_path / "public" / "jwks.json"
    first = ensure_key(private, public)
    assert ensure_key(private, public).kid == first.kid == load_key(private).kid
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    (published,) = json.loads(public.read_text())["keys"]
    assert published["kid"] == first.kid
    assert "d" not in published
