"""Serves the API: `python -m services.vouchers.serve`."""

import uvicorn

from services.vouchers.app import build_app
from services.vouchers.settings import VouchersSettings


def main() -> None:
    settings = VouchersSettings()
    uvicorn.run(build_app(settings), host=settings.host, port=settings.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
