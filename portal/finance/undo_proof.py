"""A confirmed proof of an unknown outcome was read wrongly: one person proposes that, and another confirms it as every proof."""

from portal.client.payments import Reason
from portal.finance.acts import Act, act
from portal.finance.parts import PAYMENTS
from portal.finance.payments import PROOF, proof_of
from portal.finance.words import reasons_of_undoing
from portal.kit.texts import text
from portal.kit.visit import Visit


async def undoing(visit: Visit) -> Act:
    proof, language, services = await proof_of(visit), visit.language, visit.services.payments
    await visit.at((await services.get_disbursement(await visit.caller(), proof.disbursement_id)).region)
    here = f"{PAYMENTS}/{proof.disbursement_id}"
    return Act(
        title=text(language, "Undo the outcome"),
        follows=[
            text(
                language,
                "You say that the document was read wrongly. Once another person has confirmed that, the outcome of the payment is "
                "unknown again, and its money is committed. It is not sent again.",
            )
        ],
        button=text(language, "Propose to undo it"),
        step=lambda caller, given: services.post_outcome_proof_undoing(caller, proof.proposal_id, Reason(reason=given)),
        back=here,
        done=f"{here}?done=undoing",
        reasons=reasons_of_undoing(language),
    )


ROUTES = [act(PROOF + "/undoing", undoing)]
