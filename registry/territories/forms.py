"""The form of a territory's requisites."""

from __future__ import annotations

from wtforms.validators import Length

from registry.infra.forms import ChoiceField, DateField, Form, StrippedString, required
from registry.infra.i18n import lazy
from registry.journal.presentation import FIELDS


def _text(name: str, longest: int = 500) -> StrippedString:
    return StrippedString(FIELDS[name], [Length(max=longest)])


class TerritoryForm(Form):
    """Requisites of the management company; what is empty prints as a blank line."""

    participant_word = ChoiceField(
        lazy("What the territory's members are called"),
        [required()],
        choices=[("resident", lazy("resident")), ("participant", lazy("participant"))],
        blank=False,
    )
    kato = StrippedString(FIELDS["kato"], [required()])
    company_name_kk = _text("company_name_kk")
    company_name_ru = _text("company_name_ru")
    company_name_en = _text("company_name_en")
    company_bin = _text("company_bin")
    company_address_kk = _text("company_address_kk")
    company_address_ru = _text("company_address_ru")
    company_place_kk = _text("company_place_kk", 200)
    company_place_ru = _text("company_place_ru", 200)
    company_place_en = _text("company_place_en", 200)
    company_iban = _text("company_iban")
    company_kbe = _text("company_kbe")
    company_phone = _text("company_phone", 80)
    company_head = _text("company_head", 200)
    company_head_position_kk = _text("company_head_position_kk", 200)
    company_head_position_ru = _text("company_head_position_ru", 200)
    company_accountant = _text("company_accountant", 200)
    status_act_no = _text("status_act_no", 80)
    status_act_date = DateField(FIELDS["status_act_date"])
    rules_title_kk = _text("rules_title_kk")
    rules_title_ru = _text("rules_title_ru")
    rules_no = _text("rules_no", 80)
    rules_date = DateField(FIELDS["rules_date"])


class BodyForm(Form):
    """Requisites of whoever makes papers of all territories; what is empty prints as a blank line."""

    company_name_kk = StrippedString(lazy("Name in Kazakh"), [Length(max=500)])
    company_name_ru = StrippedString(lazy("Name in Russian"), [Length(max=500)])
    company_name_en = StrippedString(lazy("Name in English"), [Length(max=500)])
    company_bin = StrippedString(lazy("BIN"), [Length(max=500)])
    company_address_kk = StrippedString(lazy("Address in Kazakh"), [Length(max=500)])
    company_address_ru = StrippedString(lazy("Address in Russian"), [Length(max=500)])
    company_place_kk = _text("company_place_kk", 200)
    company_place_ru = _text("company_place_ru", 200)
    company_place_en = _text("company_place_en", 200)
    company_phone = _text("company_phone", 80)
    company_head = StrippedString(lazy("Head"), [Length(max=200)])
    company_head_position_kk = _text("company_head_position_kk", 200)
    company_head_position_ru = _text("company_head_position_ru", 200)
    company_accountant = _text("company_accountant", 200)
