"""The HTTP app of `applications`."""

from services.applications.api import applications, calls, lookup, screening
from shared.web.service import Service

SERVICE = Service("applications", routers=[module.router for module in (calls, applications, screening, lookup)])
