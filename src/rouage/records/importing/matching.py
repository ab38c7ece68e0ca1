"""Finds the clients and members that a file names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from difflib import get_close_matches

from django.utils import translation
from django.utils.translation import gettext as _

from rouage.accounts.models import Member
from rouage.records.importing.cells import folded
from rouage.records.importing.rows import RowReader
from rouage.records.kinds import KINDS
from rouage.records.models import Client
from rouage.records.search import fold

_LANGUAGES = ("fr", "en")


class Clients:
    """All clients of an organisation by code and by folded name: one query."""

    def __init__(self, organisation_id: int) -> None:
        self.by_code: dict[str, int] = {}
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.names: dict[int, str] = {}
        found = Client.objects.filter(organisation_id=organisation_id, deleted_at__isnull=True).order_by("id")
        for number, code, name in found.values_list("id", "code", "name"):
            self.names[number] = name
            self.by_name[fold(name)].append(number)
            if code:
                self.by_code[code.casefold()] = number

    def named(self, reader: RowReader) -> int | None:
        """The client of a document or an event, by its code or else by its name; complains when there is none."""
        code = reader.text("client_code", 30)
        if code:
            found = self.by_code.get(code.casefold())
            if found is None:
                reader.complain("client_code", self._unknown_code(code))
            return found
        name = reader.text("client", 200)
        if not name:
            reader.complain(
                "client" if "client" in reader.mapped else "client_code", _("This cell is empty. Fill it in.")
            )
            return None
        found_all = self.by_name.get(fold(name), [])
        if len(found_all) == 1:
            return found_all[0]
        reader.complain("client", self._ambiguous() if found_all else self._unknown_name(name))
        return None

    def same(self, code: str, name: str) -> int | None:
        """The client that a row of clients is about: by its code, or by its name where the row has no code."""
        if code:
            return self.by_code.get(code.casefold())
        found = self.by_name.get(fold(name), [])
        return found[0] if len(found) == 1 else None

    def _unknown_code(self, code: str) -> str:
        near = get_close_matches(code.casefold(), self.by_code, n=1)
        if near:
            return _("No client has this code. The nearest: %(name)s.") % {"name": near[0].upper()}
        return _("No client has this code. Import the clients first.")

    def _unknown_name(self, name: str) -> str:
        near = get_close_matches(fold(name), self.by_name, n=1)
        if near:
            nearest = self.names[self.by_name[near[0]][0]]
            return _("No client has this name. The nearest: %(name)s.") % {"name": nearest}
        return _("No client has this name. Import the clients first.")

    @staticmethod
    def _ambiguous() -> str:
        return _("Several clients have this name. Add a column with the client's code.")


class Members:
    """The active members of an organisation by folded name and address: one query."""

    def __init__(self, organisation_id: int) -> None:
        self.found: dict[str, int] = {}
        members = Member.objects.filter(organisation_id=organisation_id, is_active=True).order_by("-id")
        for number, name, email in members.values_list("id", "user__name", "user__email"):
            self.found[fold(name)] = number
            self.found[fold(email)] = number

    def named(self, reader: RowReader, key: str) -> int | None:
        name = reader.text(key, 200)
        if not name:
            return None
        found = self.found.get(fold(name))
        if found is None:
            reader.complain(key, _("No member has this name or address. Invite them first, or leave the cell empty."))
        return found


def status_words(kind_key: str) -> Mapping[str, str]:
    """What statuses are called in both languages and genders, folded, by what they mean; their keys too."""
    words: dict[str, str] = {}
    for status in KINDS[kind_key].statuses:
        words[folded(status.key)] = status.key
        for language in _LANGUAGES:
            with translation.override(language):
                words[folded(str(status.label))] = status.key
                words[folded(str(status.feminine or status.label))] = status.key
    return words
