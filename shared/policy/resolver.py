"""The policies and forms of a process: by region, scheme and day for what begins now, by id for what began before."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shared.kernel.errors import NotFound
from shared.policy.bank_orders import BankOrders
from shared.policy.form import COMMON, FormDefinition, FormFile
from shared.policy.region import ENGLISH, Contact, DaysOff, Region
from shared.policy.report import ReportForm
from shared.policy.schema import Policy


class PolicyBook:
    """All policies and forms known to this process. ValueError when two policies hold for the same region, scheme and date."""

    def __init__(
        self,
        policies: Iterable[Policy],
        forms: Iterable[FormDefinition] = (),
        regions: Mapping[str, Region] = MappingProxyType({}),
        reports: Iterable[ReportForm] = (),
        contacts: Iterable[Contact] = (),
        days_off: Mapping[str, DaysOff] = MappingProxyType({}),
        bank_orders: Iterable[BankOrders] = (),
        cores: Mapping[str, FormFile] = MappingProxyType({}),
    ) -> None:
        """`cores`: first day → the common core of forms, which a form of a scheme extends."""
        by_key: dict[tuple[str, str, date], Policy] = {}
        for policy in policies:
            key = (policy.region, policy.scheme, policy.effective_from)
            if key in by_key:
                raise ValueError(f"two policies for {policy.region}/{policy.scheme} from {policy.effective_from}")
            by_key[key] = policy.with_days_off(days_off[policy.region].days) if policy.region in days_off else policy
        self._days_off, self.cores = MappingProxyType(dict(days_off)), MappingProxyType(dict(cores))
        self._keep(by_key)
        self.forms = tuple(sorted(forms, key=lambda form: form.effective_from))
        self._regions = MappingProxyType(dict(regions))
        self._reports = {report.id: report for report in sorted(reports, key=lambda report: report.effective_from)}
        self._contacts = tuple(sorted(contacts, key=lambda contact: contact.effective_from))
        self._bank_orders = tuple(sorted(bank_orders, key=lambda orders: orders.effective_from))
        self._forms_by_id = MappingProxyType({form.id: form for form in self.forms})

    def _keep(self, by_key: Mapping[tuple[str, str, date], Policy]) -> None:
        self._by_id = MappingProxyType({policy.id: policy for policy in by_key.values()})
        self._by_key = MappingProxyType(dict(sorted(by_key.items())))

    def has_room_for(self, found: Policy | FormDefinition) -> bool:
        """Whether no other policy, or form, of its region and scheme holds from the same day."""
        known: Iterable[Policy | FormDefinition] = self._by_key.values() if isinstance(found, Policy) else self.forms
        key = (found.region, found.scheme, found.effective_from)
        return not any((one.region, one.scheme, one.effective_from) == key and one.id != found.id for one in known)

    def knows(self, found: Policy | FormDefinition) -> bool:
        return found.id in (self._by_id if isinstance(found, Policy) else self._forms_by_id)

    def learn(self, found: Policy | FormDefinition) -> bool:
        """Adds what was published while the process runs; False when it was known. What is known stays as it is: ValueError for another
        policy, or form, of the same region, scheme and first day."""
        if not self.has_room_for(found):
            raise ValueError(f"another one of {found.region}/{found.scheme} holds from {found.effective_from}")
        if self.knows(found):
            return False
        if isinstance(found, Policy):
            days = self._days_off.get(found.region)
            added = {(found.region, found.scheme, found.effective_from): found.with_days_off(days.days) if days else found}
            self._keep({**self._by_key, **added})
        else:
            forms = tuple(sorted((*self.forms, found), key=lambda form: form.effective_from))
            self._forms_by_id = MappingProxyType({form.id: form for form in forms})
            self.forms = forms
        return True

    def resolve(self, region: str, scheme: str, on: date) -> Policy:
        """The policy with the latest effective date that is not after `on`. NotFound 'no-policy-in-force' when there is none."""
        holding = [policy for (r, s, since), policy in self._by_key.items() if (r, s) == (region, scheme) and since <= on]
        if not holding:
            raise NotFound(
                "no-policy-in-force", "No policy is in force for {region}/{scheme} on {on}.", region=region, scheme=scheme, on=on
            )
        return holding[-1]

    def get(self, policy_id: str) -> Policy:
        """The policy that a case is pinned to. NotFound 'unknown-policy' when its file is gone or was changed."""
        if policy_id not in self._by_id:
            raise NotFound("unknown-policy", "There is no policy {policy_id}; was its file changed?", policy_id=policy_id)
        return self._by_id[policy_id]

    def all(self) -> tuple[Policy, ...]:
        """Every policy, by region, scheme and date."""
        return tuple(self._by_key.values())

    def region_names(self, region: str) -> dict[str, str]:
        """By language; of a region without a file its id, as the English name."""
        return dict(self._regions[region].names) if region in self._regions else {ENGLISH: region}

    def region_name(self, region: str, language: str) -> str:
        names = self.region_names(region)
        return names.get(language, names[ENGLISH])

    def zones(self) -> dict[str, str]:
        """Region that has a policy → the zone of its instants, by id. By its newest policy."""
        newest = sorted(self._by_key.values(), key=lambda policy: policy.effective_from)
        return dict(sorted({policy.region: policy.zone for policy in newest}.items()))

    def latest_day(self, instant: datetime) -> date:
        """The latest day that it is in any region at the instant: "until today" of what belongs to no region."""
        return max((instant.astimezone(ZoneInfo(zone)).date() for zone in self.zones().values()), default=instant.date())

    def contact(self, region: str, on: date) -> Contact | None:
        """How to reach the region's office on that day; the first known way before there was any."""
        known = [contact for contact in self._contacts if contact.region == region]
        return next((one for one in reversed(known) if one.effective_from <= on), known[0] if known else None)

    def bank_orders(self, region: str, on: date) -> BankOrders | None:
        """How the region's bank wants its orders on that day; None: as the payment scheme has them."""
        known = [one for one in self._bank_orders if one.region == region and one.effective_from <= on]
        return known[-1] if known else None

    def form_in_force(self, region: str, scheme: str, on: date) -> FormDefinition:
        """The scheme's newest form on that day; the newest common core when the scheme has none. NotFound 'no-form-in-force'."""
        for key in ((region, scheme), (COMMON, None)):
            holding = [form for form in self.forms if (form.region, form.scheme) == key and form.effective_from <= on]
            if holding:
                return holding[-1]
        raise NotFound("no-form-in-force", "No form is in force for {region}/{scheme} on {on}.", region=region, scheme=scheme, on=on)

    def form(self, form_id: str | None) -> FormDefinition:
        """The form that a call is pinned to; the first common core for a call from before there were forms as files. NotFound
        'unknown-form' when its file is gone or was changed."""
        if form_id is None:
            form_id = next((form.id for form in self.forms if form.scheme is None), "")
        if form_id not in self._forms_by_id:
            raise NotFound("unknown-form", "There is no form {form_id}; was its file changed?", form_id=form_id)
        return self._forms_by_id[form_id]

    def report_in_force(self, on: date) -> ReportForm:
        """The newest questions of the report on that day; the first ones before them. NotFound 'unknown-form' when there are none."""
        holding = [report for report in self._reports.values() if report.effective_from <= on] or list(self._reports.values())[:1]
        if not holding:
            raise NotFound("unknown-form", "There is no form {form_id}; was its file changed?", form_id="report")
        return holding[-1]

    def report(self, form_id: str) -> ReportForm:
        """The questions that a report was begun with. NotFound 'unknown-form' when their file is gone or was changed."""
        if form_id not in self._reports:
            raise NotFound("unknown-form", "There is no form {form_id}; was its file changed?", form_id=form_id)
        return self._reports[form_id]
