"""The form in which people choose how they are told."""

from __future__ import annotations

from collections.abc import Sequence

from registry.infra.forms import ChoiceField, Form, required
from registry.notifications.rules import GROUP_NAMES, HOW_NAMES, Group, How

_HOWS = tuple((how.value, name) for how, name in HOW_NAMES.items())


class ChoicesForm(Form):
    """For each group of events how to be told of it."""

    reports = ChoiceField(GROUP_NAMES[Group.REPORTS], [required()], choices=_HOWS, blank=False)
    papers = ChoiceField(GROUP_NAMES[Group.PAPERS], [required()], choices=_HOWS, blank=False)
    installation = ChoiceField(GROUP_NAMES[Group.INSTALLATION], [required()], choices=_HOWS, blank=False)

    def keep_only(self, groups: Sequence[Group]) -> None:
        """Ask for these groups alone: of the others the reader is never told."""
        for group in Group:
            if group not in groups:
                del self[group.value]

    @property
    def wanted(self) -> dict[Group, How]:
        return {group: How(self[group.value].data) for group in Group if group.value in self}
