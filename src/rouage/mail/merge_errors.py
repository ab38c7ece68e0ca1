"""Says in the user's language what is wrong with a text that has merge fields, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from rouage.mail.merge import MergeCode, MergeError
from rouage.planner.words import N_

_SENTENCES: Mapping[MergeCode, str] = {
    MergeCode.UNKNOWN_FIELD: N_("Unknown field: %(field)s. Choose one from the list of fields."),
    MergeCode.MISSING_VALUE: N_(
        "The field %(field)s is empty on this record. Fill it in, or give a text to use instead: "
        '{{ %(field)s | default:"…" }}.'
    ),
    MergeCode.UNKNOWN_FILTER: N_("Unknown filter: %(filter)s (behind the field %(field)s)."),
    MergeCode.BAD_ARGUMENT: N_("The filter %(filter)s cannot be used like this behind the field %(field)s."),
    MergeCode.UNFIT_VALUE: N_("The filter %(filter)s does not fit the field %(field)s."),
    MergeCode.SYNTAX: N_("This merge field cannot be read: %(field)s. Write for example {{ client.name }}."),
    MergeCode.UNCLOSED: N_("This merge field is not closed: %(field)s. Two closing braces are missing."),
}
_WITHOUT_FILTER = N_("The field %(field)s cannot be written in a text.")


def sentence(error: MergeError) -> str:
    """What is wrong, with near names if there are any."""
    unfit_alone = error.code is MergeCode.UNFIT_VALUE and not error.filter
    text = _WITHOUT_FILTER if unfit_alone else _SENTENCES[error.code]
    told = gettext(text) % {"field": error.field, "filter": error.filter}
    if not error.suggestions:
        return told
    return f"{told} " + gettext("Did you mean: %(names)s?") % {"names": ", ".join(error.suggestions)}
