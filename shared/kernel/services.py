"""The services, by their names: each is a package of `services/`, a database with two roles, and the owner of the topics that begin so."""

SERVICES = ("applications", "evaluation", "payments", "vouchers")
