"""What the audit of dependencies makes of the reports of the advisory services."""

from tools.audit import Findings, read, verdict

REPORT = {
    "dependencies": [
        {"name": "sound", "version": "1.0", "vulns": []},
        {"name": "broken", "version": "2.0", "vulns": [{"id": "PYSEC-0000-1", "fix_versions": [], "aliases": [], "description": ""}]},
        {"name": "unknown", "skip_reason": "not found"},
    ],
    "fixes": [],
}
FOUND = Findings(frozenset({("broken", "2.0", "PYSEC-0000-1")}), frozenset({"unknown"}))


def test_report_names_vulnerabilities_and_what_was_skipped() -> None:
    assert read(REPORT) == FOUND


def test_accepted_vulnerability_is_not_reported() -> None:
    assert verdict([FOUND], {}) == (["broken 2.0: PYSEC-0000-1"], {"unknown"})
    assert verdict([FOUND], {"PYSEC-0000-1": "the function is not called"}) == ([], {"unknown"})


def test_package_counts_as_audited_when_one_service_knows_it() -> None:
    assert verdict([FOUND, Findings(frozenset(), frozenset({"sound"}))], {})[1] == set()
    assert verdict([], {}) == ([], None)
