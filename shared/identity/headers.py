"""The header of what somebody else has signed (JWS, RFC 7515)."""

from collections.abc import Sequence

from joserfc import jws
from joserfc.errors import UnsupportedHeaderError
from joserfc.registry import Header


class Headers(jws.JWSRegistry):
    """Parameters that a signer adds are ignored, as RFC 7515, 4 wants; one that it calls critical has to be understood (4.1.11), and we
    understand none. The library refuses both otherwise, and a header of more than 512 bytes, which one with a certificate has."""

    max_header_length = 8_192

    def __init__(self, algorithms: Sequence[str]) -> None:
        super().__init__(algorithms=list(algorithms), strict_check_header=False)

    def check_header(self, header: Header) -> None:
        if "crit" in header:
            raise UnsupportedHeaderError("crit")
        super().check_header(header)
