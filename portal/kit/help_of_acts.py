"""Help of the small pages: what is typed, chosen or confirmed beside the pages of `help.py`."""

from collections.abc import Mapping

from portal.kit.reader import mark as _

HELP: Mapping[str, str] = {
    "kit/confirm.html": _(
        "You are asked once before this is done. Read what follows from it, then press the button. "
        "Leave the page by the link, and nothing changes."
    ),
    # open to everybody
    "public/call.html": _(
        "One call of a region: who may apply, for what, until when, and how much is given. "
        "Check here without an account whether you could apply, then begin an application."
    ),
    "public/check.html": _(
        "A check of the main rules of one call, without an account. Nothing of it is kept. "
        "It promises nothing: the rules are applied to the whole application when it is screened."
    ),
    "public/providers.html": _(
        "The firms from which services are bought with vouchers, by region and service. The region has checked each of them. "
        "To be listed, register your organisation as a provider."
    ),
    # providers
    "provider/register.html": _(
        "Register your organisation as a provider in one region. Say what you offer, who owns the firm, and with whom you worked: "
        "who is related to a beneficiary cannot serve it. An officer checks it."
    ),
    "provider/account.html": _(
        "The account to which you are paid. Give its holder as the bank has it. Finance confirms it before the first payment."
    ),
    "provider/redeem.html": _(
        "The code of a voucher leads here. Choose the order that you have delivered, then redeem the voucher for it."
    ),
    # applicants and beneficiaries
    "applicant/links.html": _(
        "Firms that count with yours as one for state aid: by a majority, the right to appoint the board, influence or an agreement. "
        "Enter each with its dates. What they got counts for your ceiling."
    ),
    "applicant/headroom.html": _(
        "De minimis aid that counts for your organisation now, by country: granted, reserved, declared, and of linked firms. "
        "What is left bounds the next offer, and each aid is free again on its day."
    ),
    "applicant/end-link.html": _(
        "Say since when the two firms do not belong together any more. Until that day aid counts for both."
    ),
    "applicant/begin.html": _(
        "Begin an application to this call, for the organisation that you act for. Its profile is taken over into the form. "
        "Nothing is sent before you say so."
    ),
    "applicant/section.html": _(
        "One part of the application. What you type is saved while you go on. "
        "What contradicts another answer is said beside the field, and you may correct it until you send the whole."
    ),
    "applicant/remove-file.html": _(
        "The file is taken out of the application. You can give another one in its place until the application is sent."
        " Leave the page by the link, and it stays."
    ),
    "applicant/withdraw.html": _(
        "You give up the application. Read what follows from it before you press the button. "
        "Leave the page by the link, and nothing changes."
    ),
    "applicant/claim-line.html": _(
        "One invoice of the claim, with its documents. Type what stands on the invoice, and give a copy of it and of its payment. "
        "The officer who checks the claim sees each line beside its documents."
    ),
    "applicant/claim-hours.html": _(
        "Hours that one of your people worked on the project, as a part of your own share, with their timesheet. "
        "Type the function of the person, the days and the hours. No name is asked for."
    ),
    "applicant/claim-account.html": _(
        "The account to which this claim is paid. Name the holder as the bank has it. "
        "A changed account is confirmed by a second person of the agency before it is paid to."
    ),
    "applicant/claim-check.html": _(
        "The whole claim as it will be lodged. Correct what is marked. After that an officer checks it, line by line."
    ),
    "applicant/profile.html": _(
        "The profile of your organisation, which is taken over into new applications. "
        "A change has no effect on what was sent already."
    ),
    "applicant/invitation.html": _(
        "Somebody invites you to act for an organisation. Who accepts sees its applications, vouchers and claims. "
        "If you do not know the organisation, leave the page: nothing happens."
    ),
    "applicant/data.html": _(
        "What is held about you, why, and for how long. You can download it, and close your account."
    ),
    "applicant/close.html": _(
        "You close your own account. Read what stays and what goes before you press the button. "
        "Leave the page by the link, and nothing changes."
    ),
    # evaluators
    "evaluator/read.html": _(
        "The application and the score sheet that you submitted. You only read them. "
        "An officer can open the sheet again where something in it has to be corrected."
    ),
    "evaluator/ended.html": _(
        "This assignment is not yours any more, so its file is closed to you. Your home page has those that are."
    ),
    # officers
    "list/provider-registrations": _(
        "Organisations that have registered as providers in your regions. Check those that wait, then approve or refuse them. "
        "One officer suspends a provider, another one ends that."
    ),
    "officer/rules.html": _(
        "Policies and forms of the schemes that were added here, beside those that came with the platform. "
        "One officer proposes a file, another one publishes it; it then holds from its first day on."
    ),
    "officer/rules-new.html": _(
        "Propose a policy or a form from a file. You see what is wrong with it and what it changes before anything is kept. "
        "A file that holds is never changed: a correction is a new file with a later first day."
    ),
    "officer/rules-file.html": _(
        "One policy or form that an officer proposed, with every value that it changes. "
        "Read it, then publish it or say why not. Calls and cases from before its first day keep their rules."
    ),
    "officer/aid-entry.html": _(
        "De minimis aid that one offer has granted, with what the register of the member state asks for. "
        "Enter it there, then record its number and day here."
    ),
    "officer/new.html": _(
        "Begin a call as a draft, from a scheme or from an earlier call. Everything else is typed on the next page. "
        "Nothing is published before another officer does it."
    ),
    "officer/preview.html": _(
        "The call as everybody will see it once it is published. Nothing is published here."
    ),
    "officer/correct.html": _(
        "Correct the words of a published call. Rules, dates and money stay as they are. "
        "What you change is shown to everybody at once, and stands in the record."
    ),
    "officer/extend.html": _(
        "Move the end of a call to a later day, with a reason. The old end is kept in the record, and all dates after it move. "
        "An end cannot be moved back."
    ),
    "officer/bulk.html": _(
        "One act on many applications. Read what follows from it, then press the button. "
        "What is refused for one application does not keep the others."
    ),
    "officer/bulk-result.html": _(
        "What came out of one act on many applications, with the reason where something was not done. "
        "Flags can be undone for a day; results of screening and letters cannot."
    ),
    "officer/return.html": _(
        "Ask the applicant to correct answers. Choose them and say what is missing: only these answers are open then. "
        "The rules of the call say how long the applicant has for it."
    ),
    "list/links": _(
        "Links of applicants with other firms that officers found, and ends of wrong ones. "
        "Each counts once a second officer has confirmed it on the page of its case."
    ),
    "officer/undertaking.html": _(
        "With which firms the applicant is one undertaking, who recorded each link, and the aid that counts together on a day. "
        "Record a link that the office found; another officer confirms it."
    ),
    "officer/end-link.html": _(
        "A link that was recorded by mistake, or has ended without the owner saying so. It ends once another officer confirms it."
    ),
    "officer/overrule.html": _(
        "Say that the verdict of a rule does not stand, and why. It counts once another officer confirms it. "
        "Until then the application is not screened."
    ),
    "officer/question.html": _(
        "The question of an evaluator about an application. Only who asked reads your answer. "
        "Do not say who applies where the evaluation is blind."
    ),
    "officer/replacement.html": _(
        "Choose who takes the seat of an evaluator who does not answer, or who has a conflict of interest. "
        "A score sheet that is set aside is kept and does not count. Who replaces an evaluator approves no list of this call."
    ),
    "officer/evaluators.html": _(
        "Who may score applications in your regions, with languages, topics and the largest load. "
        "Register one here; the platform assigns cases by itself and leaves out who has a relation to an applicant."
    ),
    "officer/evaluator.html": _(
        "One evaluator: languages, topics, load and what is known of relations. "
        "A change counts for the next assignments. Who registers an evaluator screens nothing in the same call."
    ),
    "officer/claim-act.html": _(
        "The decision on one claim. Read what follows from it before you press the button. "
        "The beneficiary reads your words. Who checks a claim approves no payment of it."
    ),
    "officer/voucher-act.html": _(
        "A change of one voucher, with a reason that stands in the record. Read what follows from it before you press the button. "
        "Leave the page by the link, and nothing changes."
    ),
    # finance
    "finance/act.html": _(
        "One step in the life of a payment or of the money behind it. Read what follows from it, then press the button. "
        "Where a second person has to take it, the first one is refused with the reason."
    ),
    "finance/prepare.html": _(
        "Prepare the payment of an accepted claim. Its amount and account are fixed by that. Another person approves it."
    ),
    "finance/approvals-check.html": _(
        "The payments that you chose, with their total and what stands out. Nothing is approved before you press the button. "
        "If one has changed since you read it, none is approved."
    ),
    "finance/approved.html": _(
        "The result of each payment that you approved. Where one was not approved, the reason stands beside it. "
        "Payments with all approvals go into the next batch."
    ),
    "finance/seal.html": _(
        "Make a batch of all that is approved in a region and may be paid now. Sealing fixes its payments and its file. "
        "Another person releases it to the bank."
    ),
    "finance/sealed.html": _(
        "The batches that were sealed, and what waits with its reason. Another person releases a batch; only then it goes to the bank."
    ),
    "finance/envelope-change.html": _(
        "Propose more money for a call, or a transfer from another call of the region. "
        "Another person confirms it; nothing moves before."
    ),
    "officer/randomness.html": _(
        "Hand in the round of the public beacon that the draw of this call uses. Its signature proves it. "
        "It is recorded once and cannot be changed."
    ),
    "finance/split.html": _(
        "A bank may put several things into one entry: two payments and a charge, or a return and somebody's money. Each part is booked by "
        "itself when another person has confirmed them all."
    ),
    "finance/proof.html": _(
        "Give the document by which the bank says what became of a payment. Another person reads it and confirms the outcome. "
        "Until then the payment stays unknown and is not sent again."
    ),
    "finance/recovery-order.html": _(
        "Ask paid money back, with a reason. It gets a reference, under which the bank's line is found. "
        "Another person settles it or writes it off."
    ),
    "finance/settlement.html": _(
        "Say that the money has come back, by the bank's reference of the credit. It is for another person than who ordered the recovery. "
        "It cannot be undone."
    ),
    "finance/report.html": _(
        "Make a report to the controller of all that is paid in a region and in no earlier report. "
        "The rate of the month is fixed in it for good."
    ),
    "finance/upload-form.html": _(
        "Upload a file that the bank has given to a person. You then read what it would do, line by line. "
        "Nothing changes before another person confirms it."
    ),
    "finance/upload.html": _(
        "What an uploaded file of the bank would do, line by line. Another person than who uploaded it confirms or rejects it. "
        "If something has changed since it was read, nothing is done."
    ),
    "finance/bank-files.html": _(
        "Files that the bank gave, each with its signature and its result. Open one to see its lines. "
        "A file that the bank gives to a person can be uploaded here."
    ),
    "finance/account-proposals.html": _(
        "Accounts that a payee has changed, or that two payees share. Compare each with a document, then confirm or reject it. "
        "A confirmed account rests for some days before it is paid to."
    ),
    "finance/account-proposal.html": _(
        "One account that waits for a second person. Compare the number with a document that you have from elsewhere. "
        "Then confirm or reject it."
    ),
    "list/bank-uploads": _(
        "Files of the bank that somebody uploaded. Open one to read what it would do. "
        "Another person than who uploaded it confirms or rejects it."
    ),
    # administrators
    "programme/propose.html": _(
        "Propose a role for a person: which one, where, from when and until when. Another administrator confirms it."
        " Until then it gives no right."
    ),
    "programme/role.html": _(
        "One role of one person: who proposed, confirmed or ended it, and why. "
        "You do not confirm what you have proposed yourself. A role that has ended stays in the record."
    ),
    "programme/end.html": _(
        "End sign-ins, close the account of somebody who left, or withdraw an invitation. Read what follows before you press the button. "
        "What was done before stays in the record."
    ),
    "programme/invitations.html": _(
        "People who were invited to a role and have not accepted yet. Withdraw an invitation that was a mistake. "
        "One that nobody accepts ends by itself."
    ),
}  # fmt: skip
