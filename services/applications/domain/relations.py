"""The relations of an applicant by which a conflict of interest with an evaluator is found. Events carry only their keyed hashes."""

from services.applications.domain.form import Form
from shared.kernel.vocabulary import RelationKind


def relations_of(form: Form) -> list[tuple[RelationKind, str]]:
    """(kind, value) pairs, each once. An evaluator names an employer by its tax number or by its name, so both are given."""
    applicant = form.applicant
    address = " ".join(part for part in (applicant.street, applicant.postcode, applicant.town, applicant.country) if part)
    pairs = [
        (RelationKind.TAX_NUMBER, applicant.tax_number),
        (RelationKind.EMPLOYER, applicant.tax_number),
        (RelationKind.EMPLOYER, applicant.name),
        (RelationKind.E_MAIL_DOMAIN, applicant.email),
        (RelationKind.ADDRESS, address if applicant.street else None),
        *((RelationKind.OWNER, owner) for owner in applicant.owners),
    ]
    return list(dict.fromkeys((kind, value) for kind, value in pairs if value))
