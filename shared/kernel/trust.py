"""Which authorities a client of https trusts."""

import ssl
from functools import cache

import httpx


@cache
def trusted_authorities() -> ssl.SSLContext:
    """Those of the package certifi, and those that the system trusts (OpenSSL's own file and folder; the variable SSL_CERT_FILE names
    another file), such as an agency's own. Made once: reading all the certificates costs more than an answer."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
