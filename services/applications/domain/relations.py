"""The ties by which a conflict of interest with an evaluator is found. Values here; events carry only their keyed hashes."""

from services.applications.domain.form import Form


def relations_of(form: Form) -> list[tuple[str, str]]:
    """(kind, value) pairs. An evaluator names an employer by its tax number or its name, so both are given."""
    applicant = form.applicant
    address = " ".join(part for part in (applicant.street, applicant.postcode, applicant.town, applicant.country) if part)
    pairs = [
        ("tax-number", applicant.tax_number),
        ("employer", applicant.tax_number),
        ("employer", applicant.name),
        ("e-mail-domain", (applicant.email or "").rpartition("@")[2]),
        ("address", address if applicant.street else None),
        *(("owner", owner) for owner in applicant.owners),
    ]
    return list(dict.fromkeys((kind, value) for kind, value in pairs if value))
