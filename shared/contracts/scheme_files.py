"""SchemeFilePublished: each service keeps the policy or form for its processes."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from shared.contracts.applications import SchemeFilePublished
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context
from shared.messaging.scheme_files import SchemeFileRow
from shared.policy.loader import LoadError
from shared.policy.scheme_files import LARGEST_BYTES, SchemeFileKind, money_faults, read_scheme_file

_DAY = timedelta(days=1)


async def keep_scheme_file(context: Context, event: SchemeFilePublished) -> None:
    """Once. `Contradiction` for a text that cannot be read here, is not of the region, scheme and day that the event names, held already
    when it was published, changes bank or approvals, or would take the place of what is known: cases are pinned to that."""
    known = await context.session.get(SchemeFileRow, event.file_id)
    if known is not None:
        if known.text != event.text:
            raise Contradiction(f"{event.type}: text is another one than that of {event.file_id}")
        return
    if len(event.text.encode()) > LARGEST_BYTES:
        raise Contradiction(f"{event.type}: text is longer than {LARGEST_BYTES} bytes")
    try:
        found = read_scheme_file(SchemeFileKind(event.kind), event.text, context.policies.cores)
    except (LoadError, ValueError) as error:
        raise Contradiction(f"{event.type}: text cannot be read: {str(error)[:300]}") from error
    said, held = ((one.region, one.scheme, one.effective_from) for one in (event, found))
    if said != held:
        raise Contradiction(f"{event.type}: region, scheme, effective_from are {said}, known is {held}")
    if event.region not in context.policies.zones():
        raise Contradiction(f"{event.type}: region is {event.region}, which is not known")
    if faults := list(money_faults(found, context.policies)):
        raise Contradiction(f"{event.type}: {'; '.join(faults)}")
    if found.effective_from < (context.happened_at - _DAY).date():  # whatever the region's zone
        raise Contradiction(f"{event.type}: effective_from is {found.effective_from}, before its publication")
    same_day = select(col(SchemeFileRow.id)).where(
        col(SchemeFileRow.kind) == event.kind, col(SchemeFileRow.region) == event.region, col(SchemeFileRow.scheme) == event.scheme,
        col(SchemeFileRow.effective_from) == event.effective_from,
    )  # fmt: skip
    if await context.session.scalar(same_day) is not None or not context.policies.has_room_for(found):
        raise Contradiction(f"{event.type}: effective_from is {event.effective_from}, from when another {event.kind} holds")
    row = SchemeFileRow(**event.model_dump(exclude={"file_id"}), id=event.file_id, published_at=context.happened_at)
    context.session.add(row)
