"""A beneficiary gives a document at a line of a draft."""

import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from services.payments.domain.claim_documents import Given, check_of_hours, check_room
from services.payments.queries.claim_lines import documents_of, lines_of
from services.payments.steps.claim_drafts import editable
from services.payments.tables import ClaimFileRow
from shared.files.clamav import ScanState
from shared.files.kinds import MEDIA_TYPES
from shared.files.limits import Limits, checked_kind
from shared.files.sealed import seal_content
from shared.files.store import FileStore
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.vocabulary import EvidenceKind
from shared.messaging.context import Context
from shared.policy.answers import FileKind


@dataclass(frozen=True, slots=True)
class NewDocument:
    """`kind`: what it proves. `sha256` is of its content."""

    kind: EvidenceKind
    name: str
    content: bytes = field(repr=False)
    sha256: str
    scan: ScanState


async def give_document(context: Context, store: FileStore, draft_id: UUID, line_id: UUID, new: NewDocument, limits: Limits) -> UUID:
    """The id of the file. The content is in the store before the row is committed: an object that no row names is removed by a job.

    Raises as `editable`, `check_room`, `check_of_hours`, `checked_kind`; `NotFound` 'unknown-line'; `Unavailable`.
    """
    draft, _ = await editable(context, draft_id)
    line = next((line for line in await lines_of(context, draft.id) if line.id == line_id), None)
    if line is None:
        raise NotFound("unknown-line", "There is no such line.")
    present = [Given(one.line_id, one.kind, one.sha256, one.size_bytes) for one in await documents_of(context, draft.id)]
    given = Given(line_id, new.kind, new.sha256, len(new.content))
    check_room(given, present, limits)
    if line.hours_hundredths is not None:
        check_of_hours(given, present)
    kind = checked_kind(list(FileKind), new.name, new.content)
    file_id = new_id()
    sealed = await seal_content(context.session, draft.organisation_id, (file_id, draft.id), new.content)
    await store.put(file_id, sealed)
    row = ClaimFileRow(
        id=file_id, draft_id=draft.id, line_id=line_id, organisation_id=draft.organisation_id, region=draft.region, kind=new.kind,
        name=new.name, media_type=MEDIA_TYPES[kind], size_bytes=len(new.content), sha256=new.sha256,
        stored_sha256=hashlib.sha256(sealed).hexdigest(), scan=new.scan, uploaded_by=context.actor.id, uploaded_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    return file_id
