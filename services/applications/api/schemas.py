"""Request bodies."""

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue

from services.applications.domain.bulk import BulkAction
from services.applications.domain.call_drafts import CallContent, Language, LongText, TitleText, read_content
from services.applications.domain.earlier import VOUCHER_TYPE
from services.applications.domain.eligibility import NONE
from services.applications.domain.firm_size import largest_accounts
from services.applications.domain.form import Aid, Applicant, Costs, DeMinimis, Firm, Form, FormInput, Project
from services.applications.steps.returns import Corrections
from shared.contracts.common import Code
from shared.kernel.vocabulary import HoldSubject
from shared.policy.call import CallDefinition
from shared.policy.scenario import Scenarios
from shared.policy.schema import Policy
from shared.policy.scheme_files import LARGEST_BYTES, SchemeFileKind
from shared.policy.sections import Slug
from shared.web.codes import NaceCode, NutsCode
from shared.web.instants import Instant
from shared.web.paging import MAX_LIMIT
from shared.web.schemas import Input, WorkUnits, trimmed

MAX_ROWS = 100
Words = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(trimmed)]


def read_definition(value: object) -> CallDefinition:
    """The call from JSON values. It is read as JSON: there a strict model takes text for dates and nothing else."""
    return CallDefinition.model_validate_json(json.dumps(value))


CallDefinitionInput = Annotated[CallDefinition, BeforeValidator(read_definition)]


class CallDraftInput(Input):
    """`copy_of`: an earlier call of the region, whose scheme then counts. `template`: the id of a call in the files of the region."""

    region: Slug
    scheme: Slug
    copy_of: UUID | None = None
    template: Slug | None = None


class CallDraftChangeInput(Input):
    """`version`: of the draft as it was read. `content` replaces all that it had."""

    version: Annotated[int, Field(strict=True, ge=1, le=2**31)]
    content: Annotated[CallContent, BeforeValidator(read_content)]


class SchemeFileInput(Input):
    """`text`: the whole file, as it would stand under `regions/`; it names its region, scheme and first day itself."""

    kind: SchemeFileKind
    text: Annotated[str, Field(min_length=1, max_length=LARGEST_BYTES)]


class WordsInput(Input):
    words: Words


class CallCorrectionInput(Input):
    """`version`: the `wording_version` of the call as it was read. Title and text by language, whole; `words`: why, for everybody."""

    version: Annotated[int, Field(strict=True, ge=1, le=2**31)]
    title: Annotated[dict[Language, TitleText], Field(max_length=6)]
    text: Annotated[dict[Language, LongText], Field(max_length=6)]
    words: Words


class CallExtensionInput(Input):
    """`reason` is a code such as 'outage'; it goes into the event."""

    closes_at: Instant
    reason: Code


Minor = Annotated[int, Field(strict=True, ge=0, le=10**13)]


class EligibilityQuestions(Input):
    """What a firm says of itself to see whether it could apply. `nuts`, `activity_code`: of the seat and of the activity. `small_accounts`:
    the turnover or the balance of the last closed accounts is within the limit of the call; the size class is then that of the staff.
    `public_control`: public bodies have as much of the firm as the call does not allow. `aid_minor`: de minimis aid within the years that
    count. Amounts are in the call's currency. `voucher_type`: one of the call's, where it has types; the firm is taken to have none of its
    vouchers yet."""

    nuts: NutsCode
    activity_code: NaceCode
    staff: WorkUnits
    small_accounts: Annotated[bool, Field(strict=True)]
    public_control: Annotated[bool, Field(strict=True)]
    total_cost_minor: Minor
    requested_minor: Minor
    aid_minor: Minor
    voucher_type: Slug | None = None

    def form(self, policy: Policy, on: date) -> Form:
        """As a form that the rules of `policy` can judge on the day `on`: what is not asked is as it has to be, and what the firm does
        not ask for it pays."""
        firm = policy.small_firm
        turnover, balance = (policy.from_eur_minor(one) for one in (firm.turnover_max_eur_minor, firm.balance_max_eur_minor))
        of_class = largest_accounts(self.staff, Decimal(policy.de_minimis.eur_rate))
        return Form(
            applicant=Applicant(nuts=self.nuts, activity_code=self.activity_code),
            project=Project(starts_on=on, ends_on=on),
            extra={} if self.voucher_type is None else {VOUCHER_TYPE: self.voucher_type},
            firm=Firm(
                staff_hundredths=int(self.staff * 100),
                turnover_minor=min(turnover, of_class[0]) if self.small_accounts else turnover + 1,
                balance_minor=min(balance, of_class[1]) if self.small_accounts else balance + 1,
                public_control_bp=firm.public_control_below_bp if self.public_control else 0,
            ),
            costs=Costs(
                currency=policy.currency,
                total_cost_minor=self.total_cost_minor,
                requested_minor=self.requested_minor,
                own_contribution_minor=max(0, self.total_cost_minor - self.requested_minor),
            ),
            de_minimis=DeMinimis(
                declared=True,
                aid=[Aid(granted_on=on, amount_minor=self.aid_minor)] if self.aid_minor else [],
                sectors=[NONE],
                purposes=[NONE],
            ),
        )


class ApplicationInput(Input):
    call_id: UUID
    form: FormInput


class FormChangeInput(Input):
    form: FormInput


class SectionInput(Input):
    """`version` is that of the section as it was read. `answers` by question id; null takes an answer back, what is left out stays."""

    version: Annotated[int, Field(strict=True, ge=0, le=2**31)]
    answers: Annotated[dict[str, JsonValue], Field(max_length=100)]


class ReturnInput(Input):
    """`fields` are paths of parts or answers of the form, e.g. 'costs' or 'project.summary'; `words`: of each, what is to be corrected
    there, for the applicant; `note`: for all."""

    fields: Annotated[list[str], Field(min_length=1, max_length=30)]
    words: dict[str, Annotated[str, Field(min_length=1, max_length=1000)]] = Field(default_factory=dict, max_length=30)
    note: str = Field(default="", max_length=2000)

    @property
    def asked(self) -> Corrections:
        return Corrections(self.fields, self.words, self.note)


class NoteInput(Input):
    """`flag`: the application waits for a person until the flag is lifted."""

    words: Words
    flag: Annotated[bool, Field(strict=True)] = False


class OverruleInput(Input):
    """`passed`: the verdict that is to count in the place of the rule's; `words`: why."""

    rule: Code
    passed: Annotated[bool, Field(strict=True)]
    words: Words


class BulkInput(Input):
    """`application_ids`: of the call; null with 'screen' for all that are submitted and have no flag, up to 200 in their order. 'return'
    needs `corrections`, 'flag' needs `words`."""

    action: BulkAction
    application_ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_LIMIT)] | None = None
    corrections: ReturnInput | None = None
    words: Words | None = None


class HoldInput(Input):
    """`subject_id` is the id of an application or of an organisation. `reason` is a code such as 'court-case'; it goes into the event."""

    region: Slug
    subject_kind: HoldSubject
    subject_id: UUID
    reason: Code


class RowInput(Input):
    """`row_key` identifies the row in its list permanently. `form` is checked for each row alone, so that one bad row refuses no other."""

    row_key: str = Field(min_length=1, max_length=120, pattern="^[!-~]+$")
    organisation_id: UUID
    form: dict[str, Any]


class ImportInput(Input):
    call_id: UUID
    rows: Annotated[list[RowInput], Field(min_length=1, max_length=MAX_ROWS)]


class ReplayInput(Input):
    """The scenarios under which a past call is judged again."""

    scenarios: Scenarios


class ErasureInput(Input):
    """`reason` is a code such as 'request-of-the-subject'; it goes into the event."""

    organisation_id: UUID
    reason: Code
