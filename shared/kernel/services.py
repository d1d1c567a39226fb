"""The services, by their names: each is a package of `services/`, a database with two roles, and the owner of the topics that begin so."""

SERVICES = ("applications", "evaluation", "payments", "people", "vouchers")
DATABASES = (*SERVICES, "portal")
"""Each has two roles. The portal keeps who is signed in, and nothing of the domain."""
OF_CASES = tuple(service for service in SERVICES if service != "people")
"""Those that have cases, with their history, and what is held about an organisation in them."""


def owner_of(service: str) -> str:
    """The role that owns the service's database. The runtime role has the name of the service."""
    return f"{service}_owner"
