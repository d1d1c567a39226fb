"""A test of the guards against attacks: each is switched off in a copy of the repository, and the test that holds it must fail.

`python -m tests.hostile.mutants [NAME ...]` prints which tests failed. Exit status 1 if one passed without its guard.

What an attack leaves behind where its guard fails is known to `triptych verify` too: `breaks` names the ways to break an invariant
(`tests/support/verify_breaks.py`) that are this state, and `tests/integration/test_verify.py` holds that verify finds each.
"""

import subprocess
import sys
from pathlib import Path

from tests.hostile.mutants_payments import ATTACKS_ON_PAYMENTS
from tests.hostile.mutants_people import ATTACKS_ON_PEOPLE
from tests.support.mutants import Attack, copy_without, count_missed

ATTACKS = (
    *ATTACKS_ON_PEOPLE,
    *ATTACKS_ON_PAYMENTS,
    Attack(
        "operations-on-the-origin",
        "what the public address does not name is not served",
        "deploy/Caddyfile",
        "\t\terror @elsewhere 404\n",
        "",
        "tests/hostile/test_origin.py::test_walk_without_a_token_finds_named_files_only",
    ),
    Attack(
        "any-host",
        "only configured names are served",
        "deploy/Caddyfile",
        "\t\terror @foreign 421\n",
        "",
        "tests/hostile/test_origin.py::test_other_host_gets_nothing_of_ours",
    ),
    Attack(
        "disguised-file",
        "the kind of a file is that of its content",
        "shared/files/limits.py",
        "    if kind_of(content) is not named:\n",
        "    if False:\n",
        "tests/integration/applications/test_files.py::test_disguised_file_is_refused",
    ),
    Attack(
        "object-in-another-place",
        "a content opens only as the file of its case",
        "shared/files/sealed.py",
        '    return ":".join(["files", *map(str, place), str(subject_id)])\n',
        "    return str(subject_id)\n",
        "tests/integration/applications/test_files_kept.py::test_content_in_the_place_of_another_is_not_given_out",
    ),
    Attack(
        "file-of-another-case",
        "a file is read by the case that it belongs to",
        "services/applications/queries/files.py",
        "file.application_id != application_id or ",
        "",
        "tests/integration/applications/test_files_kept.py::test_no_other_person_gives_reads_or_removes",
    ),
    Attack(
        "form-of-another-page",
        "a form with files is of this session",
        "portal/kit/routing.py",
        "            check_form(visit, await visit.files.fields())\n",
        "            visit.form = await visit.files.fields()\n",
        "tests/portal/test_files.py::test_form_with_files_is_of_this_session_and_whole",
    ),
    Attack(
        "ownerless-row",
        "what belongs to no applicant is closed to applicants",
        "shared/identity/permissions.py",
        "return owner is Unowned.OPEN or",
        "return isinstance(owner, Unowned) or",
        "tests/unit/test_identity.py::test_resource_of_no_applicant_is_closed_to_applicants",
        ("paid-to-somebody-else",),
    ),
    Attack(
        "account-of-a-provider",
        "accounts of providers are set by the agency",
        "shared/identity/permissions.py",
        "        Permission.MANAGE_PROVIDERS: _FINANCE,\n",
        "        Permission.MANAGE_PROVIDERS: _FINANCE | _APPLICANT,\n",
        "tests/integration/payments/test_accounts.py::test_accounts_are_set_by_their_own_side_only",
        ("account-confirmed-without-event", "account-of-one-person"),
    ),
    Attack(
        "unsigned-event",
        "a message is believed by the signature of its topic's owner",
        "shared/messaging/inbox.py",
        "            self.keys.check(delivery.topic, delivery.key, delivery.headers, delivery.body, contract.topic)\n",
        "",
        "tests/hostile/test_forged_events.py::test_forged_event_is_a_dead_letter",
        ("voucher-without-an-award", "effect-without-a-cause"),
    ),
    Attack(
        "foreign-signer",
        "a service signs for its own topics only",
        "shared/messaging/signature.py",
        "if signer != owner_of(expected_topic):",
        "if False:",
        "tests/hostile/test_forged_events.py::test_forged_event_is_a_dead_letter",
        ("effect-without-a-cause",),
    ),
    Attack(
        "message-of-a-signed-batch",
        "a message is in the batch that its signature is of",
        "shared/messaging/signature.py",
        "                self._check_root(headers[KEY_ID], _root_shown(form, headers[PROOF]), signature)\n",
        "                _root_shown(form, headers[PROOF])\n",
        "tests/unit/test_signed_batches.py::test_changed_message_is_refused_and_the_others_pass",
        ("effect-without-a-cause",),
    ),
    Attack(
        "award-of-millions",
        "no voucher is worth more than its policy allows",
        "shared/contracts/binding.py",
        "    if not least <= amount_minor <= most:\n",
        "    if not least <= amount_minor:\n",
        "tests/integration/payments/test_forged_events.py::test_event_with_a_forged_field_has_no_effect",
        ("above-the-largest-voucher", "reserved-more-than-was-granted"),
    ),
    Attack(
        "link-out-of-the-bank-folder",
        "no link in the bank's folders is followed",
        "shared/kernel/files.py",
        "os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK",
        "os.O_RDONLY | os.O_NONBLOCK",
        "tests/integration/test_backup_bank_files.py::test_backup_follows_no_link_out_of_the_bank_folders",
    ),
    Attack(
        "moved-through-a-link",
        "no folder below the bank's folders is a link",
        "shared/kernel/files.py",
        "os.O_DIRECTORY | os.O_NOFOLLOW",
        "os.O_DIRECTORY",
        "tests/hostile/test_bank_files.py::test_file_is_not_moved_through_a_link",
    ),
    Attack(
        "name-of-any-length",
        "names of the bank's files are limited",
        "shared/kernel/files.py",
        "return name.isprintable() and len(name.encode()) <= LONGEST_NAME",
        "return True",
        "tests/integration/test_backup_bank_files.py::test_no_name_fails_a_backup_or_a_restore",
    ),
    Attack(
        "bound-to-a-version",
        "a workflow that somebody bound to a version is not ours",
        "services/vouchers/deadlines/timers.py",
        "    held = not runs or _VERSIONED in listed.search_attributes.indexed_fields\n",
        "    held = not runs\n",
        "tests/integration/vouchers/test_stuck_lifecycles.py::test_lifecycle_that_is_kept_from_going_on_goes_on",
    ),
    Attack(
        "taken-task",
        "what has the same left to do at two looks is started again",
        "services/vouchers/jobs/restarts.py",
        "        self.left = left - set(again)\n",
        "        self.left = set()\n",
        "tests/integration/vouchers/test_stuck_lifecycles.py::test_lifecycle_whose_first_task_was_taken_begins",
    ),
    Attack(
        "diverted-queue",
        "tasks of a region go to our workers",
        "services/vouchers/deadlines/timers.py",
        "        if current:\n",
        "        if False:\n",
        "tests/integration/vouchers/test_stuck_lifecycles.py::test_tasks_sent_to_a_version_come_to_us_again",
    ),
    Attack(
        "one-person",
        "incompatible steps of a case are of different persons",
        "shared/identity/duties.py",
        "    return frozenset(pairs), frozenset(other for",
        "    return frozenset(), frozenset(other for",
        "tests/integration/payments/test_separation.py::test_each_hand_of_a_payment_is_another_person",
        ("on-both-sides", "approved-by-the-preparer", "file-given-out-by-one-person", "account-confirmed-by-who-releases"),
    ),
    Attack(
        "event-by-password",
        "a row of the event log that no process wrote is not published",
        "shared/messaging/relay.py",
        "            if is_genuine(self.sealer, row):\n",
        "            if row:\n",
        "tests/integration/messaging/test_relay.py::test_row_that_no_process_wrote_is_never_published",
    ),
    Attack(
        "proof-by-anybody",
        "an event proves nothing when no process wrote it",
        "shared/messaging/proven.py",
        " if is_genuine(sealer, row._asdict())]",
        "]",
        "tests/integration/payments/test_stolen_password.py::test_file_that_no_person_released_does_not_go_out",
    ),
    Attack(
        "late-rewrite",
        "an application is returned for what the policy lists only",
        "services/applications/domain/correction.py",
        "        if not any(_within(path, one) for one in allowed):\n",
        "        if False:\n",
        "tests/integration/applications/test_corrections.py::test_money_identity_and_project_are_not_returned_for",
        ("returned-for-money", "rewritten-beyond-the-return"),
    ),
    Attack(
        "late-rewrite-by-one",
        "money, identity and project are opened by two officers after the deadline",
        "services/applications/domain/correction.py",
        "return now >= closes_at and any(",
        "return False and any(",
        "tests/integration/applications/test_corrections.py::test_substance_after_the_close_needs_two_officers",
        ("returned-by-one-officer",),
    ),
    Attack(
        "place-kept",
        "a rewritten first-come application loses its place",
        "services/applications/domain/correction.py",
        "return method == SelectionMethod.FIRST_COME and any(",
        "return False and any(",
        "tests/integration/applications/test_corrections.py::test_substance_changed_in_a_first_come_call_loses_place",
        ("place-kept-after-a-change-of-substance",),
    ),
    Attack(
        "stolen-session",
        "what moves money needs a sign-in of the last minutes",
        "shared/identity/permissions.py",
        "    if permission in FRESH:\n",
        "    if False:\n",
        "tests/unit/test_sign_in.py::test_permission_is_refused_after_an_old_sign_in",
    ),
    Attack(
        "own-choice-of-evaluators",
        "who chose the cases of a call chooses nobody who scores them",
        "services/evaluation/steps/assignment.py",
        " and evaluator_subject(row.region, row.id) not in chosen]",
        "]",
        "tests/integration/evaluation/test_assignment.py::test_evaluator_whom_a_screener_registered_gets_no_case",
        ("evaluator-chosen-by-a-screener",),
    ),
    Attack(
        "submitted-form-changed",
        "a submitted form is fixed in the database",
        "services/applications/migrations/0011_submitted_form.py",
        "OLD.state NOT IN ('draft', 'returned')",
        "false",
        "tests/integration/applications/test_corrections.py::test_submitted_form_is_fixed_in_the_database",
    ),
    Attack(
        "lifecycle-ended-by-hand",
        "a workflow that somebody ended runs again",
        "services/vouchers/jobs/restarts.py",
        "sorted(missing | foreign | stuck)",
        "sorted(foreign | stuck)",
        "tests/integration/vouchers/test_restart_lifecycles.py::test_lifecycle_that_somebody_ended_runs_again",
    ),
)


def fails_without(attack: Attack) -> bool:
    """True when the test of the guard fails in a copy without it: one that passes holds nothing."""
    with copy_without(attack) as (python, _):
        command = [str(python), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", attack.test]
        done = subprocess.run(command, cwd=python.parents[2], check=False, capture_output=True, text=True, timeout=900)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{attack.name}: no test ran\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR tests"))]
        sys.stdout.write("".join(f"    {line[:160]}\n" for line in failed[:3]) or "    PASSES without the guard\n")
        return done.returncode == 1


def place_of(attack: Attack) -> tuple[Path, str]:
    """(file, function) of the test; an empty function for all of the file."""
    file, _, function = attack.test.partition("::")
    return Path(file), function


if __name__ == "__main__":
    sys.exit(min(1, count_missed(ATTACKS, sys.argv[1:], fails_without)))
