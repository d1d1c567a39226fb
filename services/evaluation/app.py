"""The HTTP app of `evaluation`."""

from services.evaluation.api import appeals, assignments, calls, cases, desk, evaluators, figures, lookup, replay
from shared.runtime.service import Service

SERVICE = Service(
    "evaluation", routers=[module.router for module in (evaluators, assignments, cases, calls, appeals, lookup, figures, desk, replay)]
)
