"""Help of the pages about what is no money: vouchers of hours or places, sessions, attendance."""

from collections.abc import Mapping

from portal.kit.reader import mark as _

HELP: Mapping[str, str] = {
    "applicant/offer-units.html": _(
        "The region offers you hours or places. Read what they are and how they are used, then accept or decline. "
        "If you do neither in time, the offer ends and it goes to the next on the reserve list."
    ),
    "applicant/voucher-units.html": _(
        "Your voucher for hours or places: its code, what is left, and your sessions. "
        "Book sessions here, give a booking up in time, and confirm what the host recorded or object to it. No money is paid."
    ),
    "provider/hosting.html": _(
        "Sessions that your organisation leads for a region. Choose one to see who has booked, and record afterwards who was there."
    ),
    "provider/hosted.html": _(
        "One session that you lead, with who has booked. From its begin on, record presence with the code that the participant shows; "
        "absence once it is over. The participant confirms it or objects."
    ),
    "provider/attend.html": _(
        "Find the booking by the code that a participant shows, and record that the participant is there. "
        "Only who leads the session can record it."
    ),
    "officer/session-new.html": _(
        "Plan a session of a call that gives hours or places. Name who leads it by function. "
        "Beneficiaries of the call can book it at once; a wrong one is cancelled, and another one planned."
    ),
    "officer/session.html": _(
        "One session with who has booked. Where the agency leads it, officers record here who was there. "
        "A session that will not take place is cancelled with a reason, which who booked reads."
    ),
    "officer/attendance.html": _(
        "The record of one participant in one session. An objection is decided by an officer who did not record it, "
        "and a record that stands is corrected by two officers."
    ),
    "officer/capacity.html": _(
        "Give more hours or places to a call, in whole vouchers. You propose, and a person of finance confirms. "
        "The reserve list moves up then, as long as it is open."
    ),
    "finance/capacity-change.html": _(
        "An officer proposes more hours or places for a call. Confirm or refuse it; nothing is given before. "
        "Who proposed it cannot confirm it."
    ),
    "list/sessions": _(
        "Sessions of the calls that give hours or places, with how many took part. Choose one to see who has booked, "
        "or take the whole as a file. New ones are planned on the page of the call."
    ),
    "list/attendance": _(
        "All bookings of sessions, with what was recorded. Use the filters to find what waits for you, and take the whole as a file."
    ),
    "list/capacities": _(
        "What the calls that give hours or places have, and what of it is held or used up. "
        "Confirm here what an officer has published: nothing is offered before."
    ),
}
