"""The steps of one case, in order, in words: from the draft to the last payment. Pure: what was read goes in, sentences come out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from portal.client.applications import ApplicationDetail, BenefitView, FormVersionView
from portal.client.evaluation import DecisionView, RegistrationView, ResultView
from portal.client.payments import ClaimView, OwnPaymentView
from portal.client.vouchers import ChangeView, VoucherDetail
from portal.kit.formats import day, day_in, last_moment, moment, money, points, units
from portal.kit.texts import text


@dataclass(frozen=True)
class Case:
    """All that was read of a case. `rules`: id of a rule → what it is called. `benefit`: what is granted is not money. `missing`: a
    service gave no answer."""

    application: ApplicationDetail
    versions: Sequence[FormVersionView]
    decision: ResultView | None
    vouchers: Sequence[VoucherDetail] = ()
    claims: Sequence[ClaimView] = ()
    payments: Sequence[OwnPaymentView] = ()
    changes: Sequence[ChangeView] = ()
    registration: RegistrationView | None = None
    benefit: BenefitView | None = None
    missing: bool = False


@dataclass(frozen=True)
class Step:
    """`rules`: ids of the rules of the call behind it, which the page names. `result`: the points of the decision stand below it."""

    at: datetime
    when: str
    title: str
    words: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    link: str = ""
    result: bool = False
    quotes: tuple[str, ...] = field(default=())


def steps_of(case: Case, zone: str, language: str) -> list[Step]:
    """The oldest first."""
    return sorted(_Steps(case, zone, language).all(), key=lambda step: step.at)


class _Steps:
    def __init__(self, case: Case, zone: str, language: str) -> None:
        self.case, self.zone, self.language = case, zone, language

    def all(self) -> Iterator[Step]:
        yield from self.of_application()
        yield from self.of_decisions()
        for voucher in self.case.vouchers:
            yield from self.of_voucher(voucher)
        for claim in self.case.claims:
            yield from self.of_claim(claim)
        for payment in self.case.payments:
            yield from self.of_payment(payment)
        for change in self.case.changes:
            yield from self.of_change(change)

    def of_application(self) -> Iterator[Step]:
        one, language = self.case.application, self.language
        link = f"/applications/{one.id}"
        yield self.step(one.created_at, text(language, "The application was begun"), link=link)
        for version in self.case.versions:
            if version.revision == 1:
                number = text(language, "Receipt number: {receipt}").format(receipt=one.receipt)
                yield self.step(version.submitted_at, text(language, "The application was sent"), number, link=link)
            else:
                yield self.step(version.submitted_at, text(language, "The application was corrected and sent again"), link=link)
        if one.screened_at and one.state == "ineligible":
            words = text(language, "These rules of the call are not kept, so it cannot be funded:")
            title = text(language, "The region found that it does not keep the rules")
            yield self.step(one.screened_at, title, words, rules=tuple(one.failed_rules))
        elif one.screened_at and one.state == "eligible":
            yield self.step(one.screened_at, text(language, "The region found that it keeps the rules"))
        if one.state == "withdrawn":
            yield self.step(one.changed_at, text(language, "The application was withdrawn"))

    def of_decisions(self) -> Iterator[Step]:
        decision = self.case.decision
        for one in decision.decisions if decision else ():
            yield self.of_decision(one, last=decision is not None and one is decision.decisions[-1])

    def of_decision(self, one: DecisionView, *, last: bool) -> Step:
        assert self.case.decision is not None
        language, decision = self.language, self.case.decision
        place = text(language, "Place {rank} in the list.").format(rank=decision.rank) if decision.rank else ""
        if one.outcome == "granted":
            given = self.case.benefit
            amount = units(given.units_per_award, given.unit, language) if given else money(one.amount_minor, decision.currency, language)
            unfunded = text(language, "The money was not enough, so it went back to the reserve list.") if one.not_funded else ""
            title = text(language, "A voucher of {amount} was granted").format(amount=amount)
            return self.step(one.decided_at, title, place, self._part(one), unfunded, result=last)
        if one.outcome == "invited":
            words = text(language, "You are invited to hand in the application itself. Nothing is granted by this.")
            link = f"/applications/{self.case.application.id}"
            return self.step(one.decided_at, text(language, "The expression of interest was chosen"), place, words, result=last, link=link)
        if one.outcome == "reserve":
            until = day_in(decision.reserve_list_ends_at, self.zone, language)
            words = text(language, "It gets a voucher when money becomes free, by {day} at the latest.").format(day=until)
            return self.step(one.decided_at, text(language, "It is on the reserve list"), place, words, result=last)
        distance, remedy = self._distance(decision), self._remedy(decision)
        title = text(language, "It was not granted")
        return self.step(one.decided_at, title, place, distance, remedy, rules=tuple(one.rules), result=last)

    def _part(self, one: DecisionView) -> str:
        decision = self.case.decision
        if decision is None or one.amount_minor >= decision.amount_minor:
            return ""
        whole = money(decision.amount_minor, decision.currency, self.language)
        return text(
            self.language,
            "It is a part of the {amount} that could be granted: the money of the call ends here. You may decline the offer.",
        ).format(amount=whole)

    def _distance(self, decision: ResultView) -> str:
        if decision.cut_off_hundredths is None or decision.total_hundredths is None:
            return ""
        if not decision.missing_hundredths:
            return text(self.language, "The last one that was granted has as many points: the order of equal points or the money decided.")
        missing, last = points(decision.missing_hundredths, self.language), points(decision.cut_off_hundredths, self.language)
        words = text(self.language, "It is {missing} points short of the last one that was granted, which has {last}.")
        return words.format(missing=missing, last=last)

    def _remedy(self, decision: ResultView) -> str:
        if decision.appeal_until is None:
            return ""
        until = last_moment(decision.appeal_until, self.zone, self.language)
        return text(
            self.language,
            "The list was open to appeals until {moment}. Ask the office of your region what else you can do against the decision.",
        ).format(moment=until)

    def of_voucher(self, one: VoucherDetail) -> Iterator[Step]:
        language, link = self.language, f"/vouchers/{one.id}"
        if one.offered_at and one.answer_by:
            until = last_moment(one.answer_by, self.zone, language)
            words = text(language, "It could be accepted until {moment}.").format(moment=until)
            yield self.step(one.offered_at, text(language, "The voucher was offered"), words, link=link)
        if one.answered_at:
            declined = one.outcome == "declined"
            title = text(language, "The offer was declined") if declined else text(language, "The offer was accepted")
            yield self.step(one.answered_at, title, link=link)
        if one.issued_at and one.valid_until:
            until = last_moment(one.history[0].previous_valid_until if one.history else one.valid_until, self.zone, language)
            words = text(language, "Its code is {code}. It is valid until {moment}.").format(code=one.code, moment=until)
            yield self.step(one.issued_at, text(language, "The voucher was issued"), words, link=link)
        for extension in one.history:
            until = last_moment(extension.valid_until, self.zone, language)
            words = text(language, "It is valid until {moment} now.").format(moment=until)
            yield self.step(extension.extended_at, text(language, "The voucher was extended"), words, link=link)
        if one.closed_at:
            yield self.step(one.closed_at, text(language, "The voucher was closed"), self.outcome(one.outcome or ""), link=link)

    def outcome(self, outcome: str) -> str:
        language = self.language
        return {
            "not-funded": text(language, "The money of the call was not enough."),
            "declined": text(language, "The offer was declined."),
            "lapsed": text(language, "The offer was not answered in time."),
            "expired": text(language, "Nothing was claimed in time."),
            "settled": text(language, "All claims are paid, and the rest of the money went back to the call."),
            "withdrawn": text(language, "Your organisation gave it up."),
            "revoked": text(language, "The region took it away."),
        }.get(outcome, "")

    def of_claim(self, one: ClaimView) -> Iterator[Step]:
        language, amount = self.language, money(one.requested_minor, one.currency, self.language)
        check = text(language, "An officer checks it until {moment}.").format(moment=last_moment(one.check_by, self.zone, language))
        yield self.step(
            one.lodged_at, text(language, "{amount} were claimed").format(amount=amount), check if one.state == "lodged" else ""
        )
        if one.decided_at and one.state == "accepted":
            granted = money(one.requested_minor if one.granted_minor is None else one.granted_minor, one.currency, language)
            yield self.step(one.decided_at, text(language, "The claim was accepted: {amount}").format(amount=granted))
        elif one.decided_at:
            title = text(language, "The claim of {amount} was refused").format(amount=amount)
            words = text(language, "You can claim again with what was missing, while claims are taken.")
            yield self.step(one.decided_at, title, words, rules=tuple(one.rules), quotes=(one.note,) if one.note else ())

    def of_payment(self, one: OwnPaymentView) -> Iterator[Step]:
        language, amount = self.language, money(one.amount_minor, one.currency, self.language)
        link = f"/vouchers/{one.voucher_id}/money"
        if one.paid_on:
            yield self.on(one.paid_on, text(language, "{amount} were paid").format(amount=amount), link=link)
        if one.returned_on:
            why = (one.reason.meaning, one.reason.remedy) if one.reason else ()
            yield self.on(one.returned_on, text(language, "{amount} came back from the bank").format(amount=amount), *why, link=link)
        elif one.state == "rejected" and one.reason:
            title = text(language, "The bank did not pay {amount}").format(amount=amount)
            yield self.step(one.prepared_at, title, one.reason.meaning, one.reason.remedy, link=link)

    def of_change(self, one: ChangeView) -> Iterator[Step]:
        language, link = self.language, f"/vouchers/{one.voucher_id}/changes"
        asked = {
            "extension": text(language, "More time was asked for"),
            "provider": text(language, "Another provider was asked for"),
            "amount": text(language, "Another amount was asked for"),
        }
        yield self.step(one.requested_at, asked[one.kind], link=link)
        if one.decided_at:
            title = text(language, "The change was refused") if one.state == "refused" else text(language, "The change was granted")
            checked = text(language, "The money is being checked") if one.state == "approved" else ""
            unbooked = text(language, "The money or the claims did not allow the amount that was granted.") if one.refused_rule else ""
            yield self.step(one.decided_at, title, checked, unbooked, link=link, quotes=(one.reason,) if one.reason else ())

    def step(
        self, at: datetime, title: str, *words: str, rules: tuple[str, ...] = (), link: str = "", result: bool = False,
        quotes: tuple[str, ...] = (),
    ) -> Step:  # fmt: skip
        said = tuple(word for word in words if word)
        return Step(at, moment(at, self.zone, self.language), title, said, rules, link, result, quotes)

    def on(self, on: date, title: str, *words: str, link: str = "") -> Step:
        """Of a day at the bank, which has no hour: it stands at the end of that day."""
        at = datetime.combine(on, time.max, ZoneInfo(self.zone)).astimezone(UTC)
        return Step(at, day(on, self.language), title, words, link=link)
