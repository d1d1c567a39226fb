"""The programs of the embedded platform: name of a process → the module that it runs.

The simulated bank, identity provider and mailbox are named by strings, because `deploy` must not import `simulation`: the embedded
platform only starts them as processes, in the place of real ones.
"""

from collections.abc import Mapping

from shared.kernel.services import SERVICES

LIFECYCLES = "vouchers-temporal"
PROVIDER = "provider"
"""A process of its own from the beginning: it takes long, and shares next to nothing with the others."""
_SIMULATED = {"bank": "simulation.bank", PROVIDER: "simulation.provider", "mailbox": "simulation.mailbox"}


def programs(*, compact: bool) -> Mapping[str, str]:
    """In the order of their start: first those that take the longest until they are ready. `compact`: the API and the workers of a service
    are one process."""
    first = {"portal": "portal.serve"}
    if compact:
        return first | {service: f"services.{service}.compact" for service in reversed(SERVICES)} | _SIMULATED
    return {
        **first,
        LIFECYCLES: "services.vouchers.temporal_worker",
        **{service: f"services.{service}.serve" for service in SERVICES},
        **{f"{service}-worker": f"services.{service}.worker" for service in SERVICES},
        **_SIMULATED,
    }


def workers_of(service: str) -> tuple[str, ...]:
    """Names of the processes beside a service's API."""
    return (f"{service}-worker", *((LIFECYCLES,) if service == "vouchers" else ()))
