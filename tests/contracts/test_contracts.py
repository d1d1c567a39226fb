"""Every contract is declared completely, has its committed schema, and has changed only in ways that old consumers can read."""

import copy
import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.contracts import ALL, BY_TYPE
from shared.contracts.people import RoleEvent
from shared.messaging.event import Event
from tools.asyncapi import asyncapi
from tools.snapshots import FOLDER, incompatibilities, schema_of

TABLE = {
    "applications": "ApplicationTasksCounted CallCorrected "
    "SchemeFilePublished CallPublished CallOpened CallExtended CallClosed ApplicantJoined ApplicantMemberRecorded DraftWithdrawn "
    "ApplicationSubmitted ApplicationReturned ApplicationWithdrawn ApplicationReturnProposed "
    "VerdictOverruleProposed VerdictOverruled "
    "ApplicationFoundEligible ApplicationFoundIneligible ApplicantInvited ScreeningCompleted ErasureRequested SubjectErased "
    "CaseRemoved LegalHoldPlaced LegalHoldLifted",
    "people": "PersonRegistered ProfileChanged MailBounced AddressConfirmed SignInsEnded PersonEnded PersonErased "
    "RoleProposed RoleGranted RoleRefused RoleEnded "
    "RoleInvited RoleInvitationWithdrawn "
    "OrganisationRegistered OrganisationChanged UndertakingLinkRecorded "
    "MemberInvited InvitationWithdrawn MemberJoined MemberChanged MemberLeft",
    "evaluation": "EvaluationTasksCounted QuestionAnswered "
    "DrawCommitted RandomnessRecorded EvaluatorAssigned EvaluatorDeclared EvaluatorRecused EvaluationCompleted "
    "RankingApproved AppealLodged AppealDecided RankingRevised AwardGranted ExpressionChosen PlacedOnReserveList AwardRefused",
    "vouchers": "VoucherTasksCounted "
    "MilestoneReached FundsReservationRequested VoucherNotFunded VoucherOffered VoucherAccepted OfferDeclined OfferLapsed "
    "ChangeRequested ChangeDecided ProviderChanged AmountChangeRequested ReportSent ReportAccepted ReportReturned "
    "VoucherIssued VoucherExtended VoucherSuspended VoucherResumed VoucherExpired VoucherWithdrawn VoucherRevoked VoucherClosed "
    "FundsReleaseRequested "
    "CapacityConfirmed CapacityChanged UnitsReserved UnitsReleased SessionBooked BookingCancelled AttendanceRecorded AttendanceObjected "
    "AttendanceConfirmed AttendanceCorrected",
    "payments": "PaymentTasksCounted "
    "EnvelopeOpened EnvelopeConfirmed EnvelopeChanged FundsReserved FundsReservationRefused FundsCommitted FundsReleased "
    "AidReserved AidReservationRefused FundsAdded DepositAwaited DepositReceived VoucherValueChanged VoucherValueRefused ClaimLodged "
    "ClaimAccepted ClaimReturned ClaimReplaced ClaimRejected OrderRerouted ProviderRegistrationChanged BalanceReleased "
    "DisbursementPrepared DisbursementApproved DisbursementCancelled BatchSealed BatchSent "
    "DisbursementAccepted "
    "DisbursementRejected DisbursementOutcomeUnknown DisbursementPaid DisbursementReturned VoucherSettled RecoveryOrdered "
    "RecoverySettled RecoveryReopened DisbursementCorrected RecoveryWrittenOff "
    "BatchReleased DisbursementRejectionConfirmed BankLineUnmatched BankLineResolved "
    "PayeeAccountRegistered PayeeAccountProposed PayeeAccountConfirmed PayeeAccountRejected",
}


def test_contracts_are_those_of_the_architecture() -> None:
    declared = {contract.type.rpartition(".")[0] for contract in ALL}
    assert declared == {f"{service}.{name}" for service, names in TABLE.items() for name in names.split()}


@pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.type)
def test_contract_has_not_changed_incompatibly(contract: type[Event]) -> None:
    """After a compatible change `python -m tools.snapshots` writes the schema; another change needs a new version."""
    kept = json.loads((FOLDER / f"{contract.type}.json").read_text())
    assert incompatibilities(kept, schema_of(contract)) == []
    assert kept == schema_of(contract), "compatible, but the snapshot is old: run `python -m tools.snapshots`"


def test_every_snapshot_has_a_contract() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(BY_TYPE)


@pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.type)
def test_key_and_correlation_are_fields_of_a_contract(contract: type[Event]) -> None:
    assert {contract.key_field, contract.correlation_field} <= set(contract.model_fields)
    assert contract.topic.split(".")[0] == contract.type.split(".")[0]
    assert contract.__doc__


@pytest.mark.parametrize("old_type", sorted(set(BY_TYPE) - {contract.type for contract in ALL}))
def test_older_version_is_read_under_the_new_names(old_type: str) -> None:
    contract = BY_TYPE[old_type]
    old, new = json.loads((FOLDER / f"{old_type}.json").read_text())["body"], contract.model_json_schema(mode="serialization")
    names = contract.renamed[old_type]
    assert set(contract.present(old["properties"], old_type)) == set(new["properties"])
    body = json.dumps({name: EXAMPLES.get(name, _example(schema)) for name, schema in old["properties"].items()})
    read = contract.read(body, old_type)
    assert all(getattr(read, name) for name in names.values())


def test_field_that_older_events_lack_gets_its_stated_value() -> None:
    class Painted(Event, topic="applications.calls", key="call_id", correlation="call_id", version=3, added={1: {"colour": "blue"}, 2: {}}):
        call_id: UUID
        colour: str

    call_id = "0195a5a0-0000-7000-8000-000000000001"
    old, whole = json.dumps({"call_id": call_id}), json.dumps({"call_id": call_id, "colour": "red"})
    assert Painted.read(old, "applications.Painted.v1") == Painted(call_id=UUID(call_id), colour="blue")
    assert Painted.read(whole, "applications.Painted.v2") == Painted.read(whole, Painted.type)
    with pytest.raises(ValidationError):
        Painted.read(old, "applications.Painted.v2")


EXAMPLES = {"selection": "draw", "method": "draw", "payment_mode": "reimbursement", "currency": "EUR"}


def _example(schema: dict[str, Any]) -> Any:
    formats = {"uuid": "0195a5a0-0000-7000-8000-000000000001", "date-time": "2026-01-15T12:00:00Z"}
    return formats.get(schema.get("format", ""), {"integer": 1, "array": []}.get(schema["type"], "text"))


def change(schema: dict[str, Any], how: str) -> dict[str, Any]:
    body = schema["body"]
    if how == "field removed":
        del body["properties"]["region"]
    elif how == "field retyped":
        body["properties"]["region"]["type"] = "integer"
    elif how == "new required field":
        body["properties"]["colour"] = {"type": "string"}
        body["required"].append("colour")
    elif how == "field made optional":
        body["required"].remove("region")
    elif how == "other topic":
        schema["topic"] = "elsewhere"
    elif how == "inner field removed":
        del body["$defs"]["Relation"]["properties"]["hash"]
    elif how == "optional field added":
        body["properties"]["colour"] = {"type": "string", "default": "blue"}
    return schema


@pytest.mark.parametrize(
    "how", ["field removed", "field retyped", "new required field", "field made optional", "other topic", "inner field removed"]
)
def test_incompatible_change_is_found(how: str) -> None:
    schema = schema_of(BY_TYPE["applications.ApplicationFoundEligible.v1"])
    assert incompatibilities(schema, change(copy.deepcopy(schema), how))


def test_added_optional_field_is_compatible() -> None:
    schema = schema_of(BY_TYPE["applications.ApplicationFoundEligible.v1"])
    assert incompatibilities(schema, change(copy.deepcopy(schema), "optional field added")) == []


def test_no_contract_has_free_text_or_names() -> None:
    """Personal data stays out of events: these are the only fields whose name could hold it, and none does."""
    telling = {"name", "email", "e_mail", "address", "iban", "title", "note", "comment", "phone", "tax_number", "message"}
    public = {"applications.CallPublished.v2": {"title"}}  # of a call, which everybody reads
    assert [c.type for c in ALL if telling & set(c.model_fields) - public.get(c.type, set())] == []


def test_asyncapi_document_names_every_contract() -> None:
    document = asyncapi(ALL, "1")
    assert set(document["components"]["messages"]) == {contract.type for contract in ALL}
    assert {c.topic for c in ALL} == set(document["channels"])


@pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.type)
def test_every_event_has_its_region(contract: type[Event]) -> None:
    """The history of a case is refused to an actor of another region by this field. Persons and organisations are of no region."""
    of_no_region = contract.type.startswith("people.") and not issubclass(contract, RoleEvent)
    assert of_no_region or contract.model_fields["region"].is_required()
