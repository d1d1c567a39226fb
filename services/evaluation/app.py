"""The HTTP app of `evaluation`."""

from services.evaluation.api import appeals, assignments, calls, cases, desk, evaluators, figures, lookup, open_draws, replay
from shared.runtime.service import Service

_MODULES = (open_draws, evaluators, assignments, cases, calls, appeals, lookup, figures, desk, replay)
SERVICE = Service("evaluation", routers=[module.router for module in _MODULES])
