"""Applications in a scheme that gives no money: no cost is asked for, and all ask for the same."""

from services.applications.domain.form import Costs, Form
from shared.policy.schema import Policy


def with_its_costs(form: Form, policy: Policy) -> Form:
    """What every application of the scheme asks for, as the gross grant equivalent of one voucher; the form as it is where the scheme gives
    money. Whatever was sent for costs counts for nothing."""
    if policy.benefit is None:
        return form
    worth = policy.benefit.award_minor
    costs = Costs(currency=policy.currency, total_cost_minor=worth, requested_minor=worth, own_contribution_minor=0, other_public_minor=0)
    return form.model_copy(update={"costs": costs})
