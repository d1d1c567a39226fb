"""The first screen of each desk when there are a hundred thousand cases, and the record of a long case."""

from collections.abc import AsyncIterator, Mapping

from bench.declare import Aim, Figures, Side, Sides, benchmark
from bench.desk_service import RECORDS, SCREENS, DeskService, Screen
from bench.stack import Stack

SMALL, LARGE = "1,000 cases", "100,000 cases"
SHORT, LONG = "50 events", "200 events"
MS, A_SECOND, RECORD = "{}: ms", "{}: a second", "record of a case"
AIMS = (
    *(Aim(LARGE, SMALL, metric=MS.format(desk), at_most=2) for desk in SCREENS),
    *(Aim(LARGE, metric=A_SECOND.format(desk), at_least=60) for desk in SCREENS),
    Aim(LONG, SHORT, metric=MS.format(RECORD), at_most=2),
)


@benchmark("First screens", unit="ms, or a second", aims=AIMS)
async def desks(stack: Stack) -> AsyncIterator[Sides]:
    """The page on which each desk begins, by the real portal and the real APIs, with 1,000 and with 100,000 cases in calls of 500 over five
    regions. *evaluator*: the assignments, thirty of which wait. *officer*: what waits, the pipeline and the dates. *finance*: what waits,
    and the scarcest envelopes. *programme*: the regions side by side. *auditor*: the search. *applicant*: the home page of an organisation
    that has thirty cases. Of the cases of the five newest calls nearly all wait; of all others a share of each kind: claims to check,
    payments to prepare, to approve, unknown and rejected, lines of the bank without a payment, recoveries, accounts, appeals, questions,
    changes, vouchers at risk. Officer, evaluator and finance work in one region. *ms*: the median of one client's requests, one after
    another. *a second*: by eight clients, with two processes of the portal and of each service on two cores, the clients and PostgreSQL
    among them. *record of a case*: an auditor's page of one with 50, and with 200 events, fifty of which it shows."""
    times, seconds = stack.pick(40, 10), stack.pick(3, 1)
    small = await DeskService.open(stack, stack.pick(1_000, 1_000))
    large = await DeskService.open(stack, stack.pick(100_000, 5_000))

    def side(service: DeskService, screens: Mapping[str, Screen]) -> Side:
        async def turn() -> Figures:
            found: dict[str, float] = {}
            for name, screen in screens.items():
                middle, done = await service.figures(screen, times, seconds)
                found |= {MS.format(name): middle, A_SECOND.format(name): done.per_second}
            return found

        return turn

    yield {
        SMALL: side(small, SCREENS),
        LARGE: side(large, SCREENS),
        SHORT: side(large, {RECORD: RECORDS[50]}),
        LONG: side(large, {RECORD: RECORDS[200]}),
    }
