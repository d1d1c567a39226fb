"""The HTTP app of `applications`."""

from services.applications.api import applications, calls, imports, lookup
from shared.runtime.service import Service
from shared.web.access_log import access_router

SERVICE = Service("applications", routers=[*(module.router for module in (calls, applications, imports, lookup)), access_router()])
