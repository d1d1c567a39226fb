"""What each page is for, what can be done there, and what follows: in the help that stands at its head."""

from collections.abc import Mapping
from typing import Any

from portal.kit import help_of_acts, help_of_records, help_of_units
from portal.kit.reader import mark as _
from portal.kit.texts import text

LIST = "kit/list.html"
HELP: Mapping[str, str] = {
    **help_of_acts.HELP,
    **help_of_units.HELP,
    **help_of_records.HELP,
    "public/draw.html": _(
        "Everything by which you can check the list of a call and its draw yourself. Before the draw it shows what was committed to, "
        "afterwards also the list, the seed and the order."
    ),
    # applicants and beneficiaries
    "applicant/home.html": _(
        "Here stands what waits for you, and where each application and voucher is. Choose one to go on with it. "
        "What a region decides comes by e-mail too, and is always found here."
    ),
    "applicant/tasks.html": _(
        "The application in parts. Fill them in, in any order; each answer is saved as you go. "
        "When nothing is missing, check the whole and send it before the deadline. Until then only your organisation reads it."
    ),
    "applicant/files.html": _(
        "Files that the form asks for. Each is checked when it comes in, for its kind, its size and viruses. "
        "You can remove a file and give another one until the application is sent."
    ),
    "applicant/check.html": _(
        "The whole application as it will be sent, and what the rules say of it. Correct what is marked. "
        "After sending you get a receipt with a number."
    ),
    "applicant/sent.html": _(
        "What was sent, and who has it now. If the region returns it, you can correct the answers that it names. "
        "You may also withdraw it."
    ),
    "applicant/case.html": _(
        "Everything that happened in this case, in its order: who has it, until when, and each decision with its reasons. "
        "You can print the page. Where something waits for you, the page leads there."
    ),
    "applicant/appeal.html": _(
        "The place of your application in the list. If you object to it, say why: an officer who took no part in it decides. "
        "While an appeal is open, no decision of the call goes out."
    ),
    "applicant/offer.html": _(
        "The region offers you a voucher. Read the amount, your own share and the agreement, then accept or decline. "
        "If you do neither in time, the offer ends and the money goes to the next on the reserve list."
    ),
    "applicant/voucher.html": _(
        "Your voucher: its code, what is left of it, and until when it is valid. "
        "From here you claim, ask for a change, and see your payments. "
        "After the last day it cannot be used; the time to claim is longer and stands below."
    ),
    "applicant/advance.html": _(
        "An advance is a part of your voucher that is paid before you buy. You can ask for it once, before your first claim. "
        "Your claims are settled against it, and what you do not claim has to be paid back."
    ),
    "applicant/claims.html": _(
        "A claim asks for the aid for costs that you can prove. Begin one, add each invoice with its documents, and lodge it. "
        "An officer checks it; what is accepted is paid to your account."
    ),
    "applicant/claim.html": _(
        "A claim in parts: the invoices with their documents, and the account. Each part says what it lacks. "
        "Nobody else sees the claim until you lodge it."
    ),
    "applicant/claim-lodged.html": _(
        "A claim that you lodged: how far it is, what was cut and why. If an officer returns it, correct the lines that are named. "
        "What is accepted is paid by the date on this page."
    ),
    "applicant/money.html": _(
        "Each payment on this voucher in plain words: when it is made, to which account, and what became of it. "
        "A payment that comes back is made again once the account is corrected."
    ),
    "applicant/payment-account.html": _(
        "The account to which the region pays. Name the holder as the bank has it. "
        "A changed account is confirmed by a second person of the agency and rests for some days before it is paid to."
    ),
    "applicant/orders.html": _(
        "Choose a provider from the catalogue of your region and order what you buy with the voucher. "
        "The provider accepts or declines the order. When it has delivered, you confirm, and it is paid."
    ),
    "applicant/order.html": _(
        "One order from the day you placed it to the day you confirm the delivery. "
        "Read the invoices before you confirm: they become a claim, which is paid to the provider. If something is wrong, object instead."
    ),
    "applicant/changes.html": _(
        "Ask here for more time, for another provider, or for a smaller amount. An officer of the region decides and gives a reason. "
        "Until then nothing changes."
    ),
    "applicant/report.html": _(
        "The report says what came of the project. You can write it in parts and send it once the voucher is settled. "
        "Officers of the region read it; its figures enter the reports of the programme without your name."
    ),
    "applicant/organisation.html": _(
        "Your organisation: its profile, its members and who is invited. The profile is taken over into new applications. "
        "Members act in its name, so invite only whom you trust with that."
    ),
    "applicant/account.html": _(
        "Your own account: the language of letters, the address for e-mail, and where you are signed in. "
        "End a sign-in that is not yours. You can download what is held about you, or close the account."
    ),
    # providers
    "provider/home.html": _(
        "What waits for your organisation as a provider: orders to answer, to redeem and to invoice. "
        "Below stand the regions in which it is registered, and how far each registration is."
    ),
    "provider/registration.html": _(
        "Your registration in one region: how far it is, what you said, and who decided what when. "
        "Once you are approved, give the account to which you are paid. You can withdraw at any time."
    ),
    "provider/order.html": _(
        "One order of a beneficiary. Accept or decline it, deliver, and redeem the voucher with its code. "
        "Then write your invoices and send them; you are paid once the beneficiary has confirmed and the region has checked them."
    ),
    # evaluators
    "evaluator/home.html": _(
        "The applications that you are to score, the nearest deadline first. "
        "Declare first whether you have a conflict of interest; only then can you read the file. "
        "Another evaluator takes over what you may not score."
    ),
    "evaluator/declare.html": _(
        "Say whether you have any relation to this application. Without one you get the file at once. "
        "With one the application goes to another evaluator."
    ),
    "evaluator/sheet.html": _(
        "The application beside the score sheet. Give points and reasons for each criterion; what you type is saved as a draft. "
        "What your colleagues gave is shown after both sheets are submitted, never before."
    ),
    # officers
    "officer/home.html": _(
        "What waits for officers of your regions, the most urgent first, and how far each call is. Choose a task to see its list. "
        "A task that is done is gone from the list."
    ),
    "officer/aid.html": _(
        "De minimis aid that offers of your regions have granted, with what the register of the member state asks for. "
        "Take it as a file, enter it there within twenty working days, and record the number of each entry here."
    ),
    "officer/calls.html": _(
        "All calls of your regions with their dates and money. Open one for its applications, its evaluation and its vouchers. "
        "A new call is begun as a draft."
    ),
    "officer/call.html": _(
        "One call from its opening to its last voucher: applications by state, dates, money and milestones. "
        "You can correct its words and move its end; rules and money stay as they were published."
    ),
    "officer/drafts.html": _(
        "Calls that are being written. Anybody who writes at a draft cannot publish it: that takes a second officer. "
        "A draft can be shown as applicants will see it before it is submitted."
    ),
    "officer/draft.html": _(
        "A call in the making: its dates, money, rules and words. What is saved is checked against the rules of the scheme. "
        "Submit it when nothing is missing; another officer publishes it."
    ),
    "officer/draft-read.html": _(
        "A call that another officer has written. Read it as applicants will, then publish it or return it with your remarks. "
        "What is published can only be corrected in its words."
    ),
    "officer/screening.html": _(
        "The applications of one call and what the rules say of each. "
        "Return what can be corrected, overrule what a rule got wrong, then screen. Flagged applications are passed by. "
        "A result of screening cannot be taken back."
    ),
    "officer/case.html": _(
        "One application with the verdict of each rule, what looks alike, its answers and files, and the notes of officers. "
        "Return it, propose to overrule a verdict, or screen it. A second officer confirms an overrule."
    ),
    "officer/evaluation-calls.html": _(
        "The calls of your regions and how far their evaluation is. "
        "Choose one to see its applications and score sheets, or its ranking list. "
        "Questions of evaluators and appeals are linked here."
    ),
    "officer/evaluation.html": _(
        "How far the evaluation of one call is, and who has how much to do. Open an application to see its sheets. "
        "A third evaluator is called by itself where two differ widely."
    ),
    "officer/evaluation-case.html": _(
        "Who scores this application, what the sheets say, and where they differ. "
        "You can give a seat to another evaluator or open a sheet again. Who does that approves no list of this call."
    ),
    "officer/ranking.html": _(
        "The list by points, where the money ends, and who stands on the reserve list. Try other values without changing anything. "
        "An officer who took no other part in the call approves it; then the time for appeals begins."
    ),
    "officer/appeals.html": _(
        "Appeals of applicants against a list. "
        "An officer who took no part in the call decides each, with reasons that the applicant reads. "
        "Decisions of the call wait until none is open."
    ),
    "officer/appeal.html": _(
        "One appeal beside what was decided. Dismiss it, or have the application scored again by the same or by other evaluators. "
        "Your reasons go to the applicant. It cannot be undone."
    ),
    "officer/voucher.html": _(
        "One voucher: its stage, its dates and its money. You can extend, suspend or revoke it, each with a reason. "
        "What is not with the bank yet stops at once; what was paid is recovered if it has to be."
    ),
    "officer/claim.html": _(
        "One claim, each invoice beside its documents. Accept it, cut lines with a reason, return it for correction, or reject it. "
        "What you accept goes to finance for payment; you do not approve that payment."
    ),
    "officer/change.html": _(
        "What a beneficiary asks to change in a voucher, and why. Grant or refuse it with a reason that the beneficiary reads. "
        "It takes effect at once and cannot be undone."
    ),
    "officer/provider.html": _(
        "One provider: what it says of itself, who owns it, and the history of its registration. "
        "Approve it for services and days, or refuse it. You can suspend an approved provider; another officer ends the suspension."
    ),
    "officer/report.html": _(
        "What came of a project, in the words of the beneficiary. You only read it. Its figures enter the reports of the programme."
    ),
    "list/vouchers": _(
        "The vouchers of your regions. Filter for those at risk: they end soon, nothing was claimed, or payments are late. "
        "Open one to extend, suspend or revoke it."
    ),
    "list/claims": _(
        "Claims that beneficiaries lodged, those that are due first at the top. Open one to check it line by line. "
        "What is accepted waits at finance for its payment."
    ),
    "list/changes": _(
        "What beneficiaries ask to change: more time, another provider, a smaller amount. Open one to decide it. "
        "Until then nothing changes."
    ),
    "list/reports": _(
        "Reports at the end of projects, and which are still to come. Open one to read it."
    ),
    "list/invited": _(
        "Who is invited to this call after an expression of interest, until when, and what has become of it. "
        "What an applicant writes in a draft is not yours to read: it can be opened once it is handed in."
    ),
    "list/late": _(
        "Score sheets that did not come in the time of the scheme, the longest overdue first. "
        "The evaluator was reminded by mail. Give the seat to another one, with a reason: the first one can read the application no more."
    ),
    "list/questions": _(
        "Questions of evaluators about an application. Only who asked reads your answer. "
        "Do not say who applies where the evaluation is blind."
    ),
    "list/overrules": _(
        "Verdicts of rules that an officer proposes to overrule. "
        "Another officer confirms or refuses each on the page of the application. Until then the application is not screened."
    ),
    # finance
    "finance/home.html": _(
        "What waits at finance, the most urgent first, and the envelopes with the least money left. Choose a task to see its list. "
        "Each payment passes several hands, and nobody takes two of its steps."
    ),
    "finance/payment.html": _(
        "One payment from its preparation to the answer of the bank: who did what, and what may be done now and by whom. "
        "An unknown outcome is enquired, never sent again. What you may not do is said with its reason."
    ),
    "finance/approvals.html": _(
        "Payments that wait for an approval. Choose several, look at the total and at what stands out, then approve. "
        "Who prepared a payment does not approve it."
    ),
    "finance/batches.html": _(
        "Files for the bank. Sealing fixes the payments of a batch; another person releases it. "
        "Only then it is signed and given to the bank."
    ),
    "finance/batch.html": _(
        "One batch with its payments and its file. Look at the total, then release it, if you took no other step in it. "
        "After the release nothing in it can be changed."
    ),
    "finance/envelopes.html": _(
        "The money of each call: reserved for offers, committed to vouchers, paid, recovered, and what is left. "
        "More money, or a transfer, is proposed by one person and confirmed by another."
    ),
    "finance/envelope.html": _(
        "The money of one call and each change of it. Propose more money, or confirm what another person has proposed. "
        "Nothing is reserved beyond what is available."
    ),
    "finance/line.html": _(
        "A line of the bank that fits no payment. Say what it is, with a reason; a second person confirms that. "
        "Only then the ledger changes."
    ),
    "finance/bank-file.html": _(
        "One file of the bank, and what became of each of its lines. Lines that fit no payment are resolved by two persons. "
        "The same file read twice changes nothing."
    ),
    "finance/recoveries.html": _(
        "Paid money that is asked back. "
        "One person orders a recovery; another one settles it when the money has come, or writes it off. "
        "What comes back is available in the envelope again."
    ),
    "finance/recovery.html": _(
        "One recovery: how much, why, and who ordered it. It ends when the money has come back, or when it is written off. "
        "The person who ordered it does neither."
    ),
    "finance/account.html": _(
        "The accounts that a payee has had, masked, and who set and confirmed each. You only read them. "
        "A changed account rests for some days before it is paid to."
    ),
    "finance/journal.html": _(
        "Every entry of the ledgers, the newest first. Filter it, or take it as a file. "
        "Entries are never changed; what is wrong is put right by another entry."
    ),
    "finance/expenditure.html": _(
        "Eligible expenditure and aid by voucher, in the currency of the call and in euro. "
        "Make a report to the controller from what is not reported yet. A reported rate stays as it is."
    ),
    "list/payments": _(
        "All payments of your regions. Filter by state, and open one to see its whole story and what can be done. "
        "Each has one number for life, however often it is tried."
    ),
    "list/claims-to-prepare": _(
        "Accepted claims whose payment is not prepared. Open one to prepare it. "
        "Who prepares a payment neither approves nor releases it."
    ),
    "list/accounts": _(
        "The accounts to which payees are paid. Open one to see those of before. Beneficiaries set their own accounts."
    ),
    "list/accounts-to-confirm": _(
        "Accounts that a payee has changed, or that two payees share. Compare each with a document, then confirm or reject it. "
        "A confirmed account rests for some days before it is paid to."
    ),
    "list/unmatched-lines": _(
        "Lines of the bank that fit no payment. Open one to say what it is. A second person confirms it. "
        "A payment that such a line may be about waits until it is resolved."
    ),
    "list/bank-files": _(
        "Files that the bank gave, each with its signature and its result. Open one to see its lines. A file is read as it comes in."
    ),
    "list/envelope-changes": _(
        "More money for a call, or a transfer from another one. "
        "Open the envelope to confirm or reject what another person has proposed."
    ),
    "list/expenditure-reports": _(
        "Reports to the controller that were made, each with the rate that it used. What is in a report is in no later one."
    ),
    # auditors, programme, administrators
    "programme/audit.html": _(
        "Find a case by a number, a code or an id. You read its whole record: every event, who caused it, when, by which rule. "
        "You can also see who read personal data, and draw a sample."
    ),
    "programme/case.html": _(
        "The record of one case from all services, in its order. Filter by service, kind or person. "
        "The version of the rules stands at each event, so that a decision can be followed step by step."
    ),
    "programme/accesses.html": _(
        "Each reading of personal data by somebody of the agency: who, what, when and by which right. "
        "Filter by what was read or by the reader. The log cannot be changed."
    ),
    "programme/samples.html": _(
        "Draw paid cases for a check. The same seed gives the same sample, so that anybody can draw it again. "
        "Keep the address of the page as its proof."
    ),
    "programme/regions.html": _(
        "The regions side by side, in euro and in their own currency: applications, speed, success and payments. "
        "These are sums and counts, without anybody's name. You can take them as a file."
    ),
    "programme/what-if-calls.html": _(
        "Here past calls are replayed under other rules, to see what a change would have done. "
        "Choose the calls, then say what would be otherwise. Nothing of this is kept, and no decision changes."
    ),
    "programme/what-if.html": _(
        "Each scenario says what would be otherwise; what is empty stays as it was. Beside them stands the call under its own rules. "
        "Who is eligible only under other rules was never scored, so no list can rank them."
    ),
    "programme/administration.html": _(
        "Who works for the agency, with which role, where and until when. "
        "One administrator proposes a role, another one confirms it. What you do here stands in the record."
    ),
    "programme/roles.html": _(
        "All roles that were given, proposed or ended. Open one to confirm, refuse or end it. "
        "You do not confirm what you have proposed yourself."
    ),
    "programme/people.html": _(
        "People with an account or a role. Open one to see the roles, end sign-ins, or close the account of somebody who left."
    ),
    "programme/person.html": _(
        "One person: the roles now and before, who gave them and why. End a role or all sign-ins here. "
        "What was done before stays in the record."
    ),
    "programme/search.html": _(
        "Find a case by its number, the code of a voucher, or an id. What you find opens at the desk at which you work."
    ),
}  # fmt: skip
"""Template, or 'list/' and the name of a list that has no template of its own → its help."""


def help_of(template: str, values: Mapping[str, Any], language: str) -> str:
    """Empty for a page that explains itself."""
    key = f"list/{values['listing'].name}" if template == LIST else template
    return text(language, HELP[key]) if key in HELP else ""
