"""`python -m simulation.bank`: works until SIGTERM or SIGINT. Logs "bank ready" when it starts to work."""

import logging
import signal
import sys
import threading

from shared.identity.signatures import load_keys, load_signing_key
from simulation.bank.bank import Bank
from simulation.bank.kinds import Kinds
from simulation.bank.settings import BankSettings

log = logging.getLogger("bank")


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = BankSettings()
    clock = settings.clock()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    bank = Bank(
        settings.bank_outgoing,
        settings.bank_incoming,
        settings.bank_book,
        settings.bank_seed,
        settings.shares(),
        key=load_signing_key(settings.bank_key) if settings.bank_key else None,
        customer_keys=load_keys(settings.bank_customer_keys) if settings.bank_customer_keys else None,
        kinds=Kinds(settings.bank_kinds),
        paid_in=settings.bank_paid_in,
    )
    pause = min(1.0, max(0.05, settings.day_seconds / 10))  # ten rounds in a programme day if days are short
    log.info("bank ready")
    while not stop.is_set():
        bank.work(clock.now())
        stop.wait(pause)
    bank.close()
    log.info("bank stopped")


if __name__ == "__main__":
    main()
