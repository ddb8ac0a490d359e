"""Forms of accounts."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput

from registry.infra.forms import (
    ChoiceField,
    DateField,
    Form,
    PasswordField,
    PickField,
    StrippedString,
    length,
    required,
)
from registry.infra.i18n import LANGUAGE_NAMES, gettext, lazy

_LANGUAGES = tuple(LANGUAGE_NAMES.items())


class SignInForm(Form):
    login = StrippedString(lazy("Login"), [required(), length(120)])
    password = PasswordField(lazy("Password"), [required(), length(1000)])


class ForgottenForm(Form):
    login = StrippedString(lazy("Login or e-mail"), [required(), length(254)])


class _NewPasswordForm(Form):
    password = PasswordField(lazy("New password"), [required(), length(1000)])
    password_again = PasswordField(lazy("New password again"), [required(), length(1000)])

    def validate_password_again(self, field: Any) -> None:
        if field.data != self.password.data:
            field.data = None
            raise ValidationError(gettext("The two passwords differ. Type the same one twice."))


class AcceptInvitationForm(_NewPasswordForm):
    name = StrippedString(lazy("Your full name"), [required(), length(200)])
    language = ChoiceField(lazy("Language"), [required()], choices=_LANGUAGES, blank=False)


class PasswordForm(_NewPasswordForm):
    old_password = PasswordField(lazy("Present password"), [required(), length(1000)])


class ProfileForm(Form):
    name = StrippedString(lazy("Your full name"), [required(), length(200)])
    language = ChoiceField(lazy("Language"), [required()], choices=_LANGUAGES, blank=False)


ALL = "all"
"""The choice of no territory in particular."""


class RoleForm(Form):
    """A person's role and where it is done. Without ``territory`` nothing is said about territories."""

    role = ChoiceField(lazy("Role"), [required()])
    company_bin = PickField(lazy("Company of the resident"), [length(100)], picker="company")
    territory = SelectMultipleField(lazy("Territories"), choices=[], option_widget=CheckboxInput())

    def validate_territory(self, field: Any) -> None:
        if ALL in field.data and len(field.data) > 1:
            raise ValidationError(gettext("Choose either all territories or some of them."))


class InviteForm(RoleForm):
    login = StrippedString(lazy("Login"), [required(), length(120)])
    name = StrippedString(lazy("Full name"), [length(200)])
    mail = BooleanField(lazy("Mail the link to the address on record instead of showing it"))
    language = ChoiceField(lazy("Language"), [required()], choices=_LANGUAGES, blank=False)


class DeputyForm(Form):
    """Who does somebody's role, and on which days."""

    deputy = ChoiceField(lazy("Deputy"), [required()], coerce=int)
    from_on = DateField(lazy("From"), [required()])
    to_on = DateField(lazy("To, that day included"), [required()])
