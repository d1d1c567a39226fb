"""Signatures of messages: what they cover, whose they have to be, and settings without which no process starts."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import ValidationError

from shared.messaging.envelope import Delivery
from shared.messaging.signature import EventRefused, PublicKeys, Signer, canonical, generate_private_key
from tests.support.desk import service_settings
from tests.support.event_keys import KEYS, PUBLIC_KEYS, SIGNERS, signed

TOPIC = "applications.calls"
HEADERS = {"ce_id": "1", "ce_type": "applications.CallOpened.v1", "ce_time": "2026-01-15", "ce_actor": "officer-1", "content-type": "x"}
GENUINE = signed(Delivery(TOPIC, b"key", HEADERS, b'{"region":"be-kortrijk"}'))
URL = "postgresql+asyncpg://nobody@127.0.0.1/none"


def code_of(delivery: Delivery, keys: PublicKeys = KEYS, expected_topic: str = TOPIC) -> str:
    """The code of the refusal, '' when the message is accepted."""
    try:
        keys.check(delivery.topic, delivery.key, delivery.headers, delivery.body, expected_topic)
    except EventRefused as refused:
        return refused.code
    return ""


def header(name: str, value: str) -> Callable[[Delivery], Delivery]:
    return lambda it: replace(it, headers={**it.headers, name: value})


def test_message_of_the_owner_is_accepted_in_any_header_order() -> None:
    assert code_of(GENUINE) == ""
    assert code_of(replace(GENUINE, headers=dict(reversed(GENUINE.headers.items())))) == ""
    assert code_of(replace(GENUINE, headers={**GENUINE.headers, "traceparent": "added on the way"})) == ""


@pytest.mark.parametrize(
    "alter",
    [
        lambda it: replace(it, topic="applications.applications"),
        lambda it: replace(it, key=b"other"),
        lambda it: replace(it, body=b'{"region":"gr-central-macedonia"}'),
        header("ce_type", "applications.CallClosed.v1"),
        header("ce_time", "2026-01-16"),
        header("ce_actor", "officer-2"),
        header("ce_added", ""),
        lambda it: replace(it, headers={name: value for name, value in it.headers.items() if name != "ce_actor"}),
        header("ce_signature", "no hex"),
        header("ce_signature", "00" * 64),
    ],
    ids=["topic", "key", "body", "type", "time", "actor", "attribute added", "attribute gone", "no signature", "other signature"],
)
def test_altered_message_is_refused(alter: Callable[[Delivery], Delivery]) -> None:
    altered = alter(GENUINE)
    assert code_of(altered, expected_topic=altered.topic) == "wrong-signature"


def test_text_moved_from_one_field_to_another_is_refused() -> None:
    """Fields are signed with their lengths: the same bytes, cut elsewhere, are another message."""
    cut = {"ce_a": "bce_d", "ce_x": "y"}, {"ce_ab": "ce_d", "ce_x": "y"}
    assert canonical("t", b"k", cut[0], b"") != canonical("t", b"k", cut[1], b"")
    assert canonical("t", b"ky", {}, b"z") != canonical("t", b"k", {}, b"yz")


@pytest.mark.parametrize(
    ("delivery", "code"),
    [
        (Delivery(TOPIC, b"key", HEADERS, b"{}"), "unsigned"),
        (signed(GENUINE, SIGNERS["payments"]), "foreign-signer"),
        (signed(GENUINE, Signer("applications", generate_private_key())), "unknown-key"),
        (header("ce_keyid", SIGNERS["payments"].key_id)(GENUINE), "wrong-signature"),
        (signed(replace(GENUINE, topic="applications.applications")), "wrong-topic"),
        (signed(replace(GENUINE, topic="payments.disbursements"), SIGNERS["payments"]), "wrong-topic"),
    ],
    ids=["unsigned", "another service", "unknown key", "another's key id", "another topic", "own topic, foreign type"],
)
def test_message_of_anybody_else_is_refused(delivery: Delivery, code: str) -> None:
    assert code_of(delivery) == code


def test_old_and_new_key_are_both_accepted_until_one_is_retired() -> None:
    new = Signer("applications", generate_private_key())
    both = PublicKeys({"applications": [*PUBLIC_KEYS["applications"], new.public_key]})
    only_new = PublicKeys({"applications": [new.public_key]})
    assert [code_of(it, both) for it in (GENUINE, signed(GENUINE, new))] == ["", ""]
    assert [code_of(it, only_new) for it in (GENUINE, signed(GENUINE, new))] == ["unknown-key", ""]


def test_one_public_key_for_two_services_is_refused() -> None:
    with pytest.raises(ValueError, match="same public key"):
        PublicKeys({"applications": PUBLIC_KEYS["applications"], "payments": PUBLIC_KEYS["applications"]})


def test_signing_key_of_another_service_is_refused() -> None:
    with pytest.raises(ValueError, match="public keys of payments"):
        service_settings(URL, service="applications").signer("payments")
    settings = service_settings(URL, event_signing_key=generate_private_key())
    with pytest.raises(ValueError, match="public keys of applications"):
        settings.signer("applications")


@pytest.mark.parametrize("missing", ["event_signing_key", "event_public_keys"])
def test_settings_without_keys_are_refused(missing: str) -> None:
    settings = service_settings(URL)
    given = settings.model_dump(exclude={missing})
    with pytest.raises(ValidationError, match=missing) as refused:
        type(settings)(**given)
    assert "input_value" not in str(refused.value)  # it would be the other settings, secrets among them


SECURED = {"kafka_security": "SASL_SSL", "kafka_user": "applications", "kafka_password": "secret of applications"}


@pytest.mark.parametrize("address", ["kafka:9092", "10.0.0.7:9092", "127.0.0.1:9092,kafka-2:9092", "0.0.0.0:9092", "[2001:db8::1]:9092"])
@pytest.mark.parametrize("given", [{}, SECURED | {"kafka_security": "SASL_PLAINTEXT"}], ids=["plain", "no TLS"])
def test_remote_broker_without_tls_and_sasl_is_refused(address: str, given: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        service_settings(URL, address, **given)
    message = str(refused.value)
    assert all(name in message for name in ("TRIPTYCH_KAFKA_SECURITY=SASL_SSL", "TRIPTYCH_KAFKA_USER", "TRIPTYCH_KAFKA_PASSWORD"))
    assert "input_value" not in message


@pytest.mark.parametrize("lacking", ["kafka_user", "kafka_password"])
def test_sasl_without_user_and_password_is_refused(lacking: str) -> None:
    with pytest.raises(ValidationError, match="TRIPTYCH_KAFKA_USER and TRIPTYCH_KAFKA_PASSWORD"):
        service_settings(URL, "kafka:9092", **{**SECURED, lacking: ""})


def test_secured_remote_broker_and_plain_loopback_are_accepted() -> None:
    principal = service_settings(URL, "kafka:9092", **SECURED).broker_profile.principal
    assert principal is not None
    assert (principal.user, principal.password, principal.tls) == ("applications", "secret of applications", True)
    assert "secret of" not in repr(principal)
    for address in ("127.0.0.1:9092", "localhost:9092", "[::1]:9092"):
        assert service_settings(URL, address).broker_profile.principal is None
