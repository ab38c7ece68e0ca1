"""How a Django form field is drawn: which template, which class for its control, and whether it is marked optional."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

# The first class that fits; the order goes from the special to the general.
_CONTROLS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "check"),
    (forms.Select, "select"),
    (forms.Textarea, "input"),
)
LOOKS = ("choices", "seg", "chips")


def field(bound: BoundField, look: str = "", notes: Mapping[str, str] | None = None, rows: int = 0) -> SafeString:
    """Label, control, help and errors, tied together by ids.

    ``look`` is for fields with radio buttons or checkboxes: "choices" (cards, the default), "seg" (one bar) or "chips";
    ``notes`` says below a choice what it does, by its value. ``rows`` is the height of a text area.
    """
    widget = bound.field.widget
    if bound.is_hidden:
        return bound.as_widget()
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return _several(bound, look or "choices", notes or {})
    attributes: dict[str, str | bool] = {"class": _control_class(widget)}
    if rows:
        attributes["rows"] = str(rows)
    template = "components/tick.html" if isinstance(widget, forms.CheckboxInput) else "components/field.html"
    return render_to_string(template, {"field": bound, "control": bound.as_widget(attrs=attributes)} | _about(bound))


def _several(bound: BoundField, look: str, notes: Mapping[str, str]) -> SafeString:
    if look not in LOOKS:
        message = f"A field looks like one of {', '.join(LOOKS)}, not {look!r}."
        raise ValueError(message)
    options = [
        {
            "value": option.data["value"],
            "id": option.id_for_label,
            "label": option.choice_label,
            "type": option.data["type"],
            "is_checked": bool(option.data["selected"]),
            "note": notes.get(str(option.data["value"]), ""),
        }
        for option in bound.subwidgets
    ]
    context = {"field": bound, "options": options, "look": look, "name": bound.html_name} | _about(bound)
    return render_to_string("components/several.html", context)


def _about(bound: BoundField) -> dict[str, object]:
    return {
        "is_optional": not bound.field.required and not bound.field.disabled,
        "help_id": f"{bound.auto_id}_helptext",
        "error_id": f"{bound.auto_id}_error",
    }


def _control_class(widget: forms.Widget) -> str:
    own = str(widget.attrs.get("class", ""))
    drawn = next((css for kind, css in _CONTROLS if isinstance(widget, kind)), "input")
    return f"{drawn} {own}".strip()
