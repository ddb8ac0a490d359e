"""What is done to accounts: what the acts are called, and what their pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.USER_ADDED: lazy("User added"),
    Action.USER_INVITED: lazy("User invited"),
    Action.USER_CHANGED: lazy("User changed"),
    Action.USER_DEACTIVATED: lazy("User deactivated"),
    Action.USER_REACTIVATED: lazy("User reactivated"),
    Action.PASSWORD_SET: lazy("Password set"),
    Action.PROPOSAL_MADE: lazy("Act proposed to a second person"),
    Action.PROPOSAL_CONFIRMED: lazy("Proposal confirmed"),
    Action.PROPOSAL_REFUSED: lazy("Proposal refused"),
    Action.PROPOSAL_WITHDRAWN: lazy("Proposal withdrawn"),
    Action.DEPUTY_NAMED: lazy("Deputy named"),
    Action.DEPUTY_ENDED: lazy("Deputy's time ended"),
}

ACCEPT_INVITATION = Words(title=lazy("Set your password"), button=lazy("Set the password and sign in"))
PROFILE = Words(title=lazy("My profile"), button=lazy("Save"))
CHANGE_PASSWORD = Words(title=lazy("Change the password"))
INVITE = Words(title=lazy("Invite a user"), button=lazy("Make the link"))
CHANGE_ROLE = Words(title=lazy("Change the role"))
RENEW_LINK = Words(
    title=lazy("Make a new link"),
    text=lazy(
        "Earlier links stop working. If the account, or another account of the company, is in use, its owner is told,"
        " and for 30 days you cannot decide on the company's reports."
    ),
)
DEACTIVATE = Words(
    title=lazy("Deactivate"),
    text=lazy("The person is signed out everywhere and can no longer sign in. The account can be reactivated."),
    serious=True,
)
REACTIVATE = Words(title=lazy("Reactivate"), text=lazy("The person signs in with the password they had."))

CONFIRM = Words(
    title=lazy("Confirm the proposal"),
    button=lazy("Confirm"),
    text=lazy("What is proposed is done at once, and both of you stand in the journal."),
)
REFUSE = Words(
    title=lazy("Refuse the proposal"),
    button=lazy("Refuse"),
    text=lazy("Nothing of it is done. Whoever proposed it reads your reason and may propose it anew."),
    serious=True,
)
WITHDRAW = Words(title=lazy("Withdraw the proposal"), text=lazy("Nothing of it is done."))

MAIL_LINK = Words(
    title=lazy("Mail a new link"),
    button=lazy("Mail it"),
    text=lazy("Earlier links stop working. You do not see the new one, so it puts no limits on you."),
)
NAME_DEPUTY = Words(
    title=lazy("Name a deputy"),
    text=lazy(
        "The deputy does this role, in these territories, on the days named, and signs in as before. What either"
        " of them did, the other one does not confirm."
    ),
)
END_DEPUTY = Words(
    title=lazy("End the deputy's time"),
    button=lazy("End it now"),
    text=lazy("From now on the deputy has no more rights than before."),
)
