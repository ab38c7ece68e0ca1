"""The component library: ``{% load ui %}``. Every tag has an example in docs/reference/ui-components.md.

Words and colours come from components/words.py, so that a status reads the same everywhere. What is passed in is
escaped; literals in a template are not, as everywhere in Django. Texts are passed translated:
``{% card _("Details") %}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from rouage.records.kinds import KINDS
from rouage.web.components import amounts, dates, icons, inputs, parts, words

register = template.Library()

NOTE_ICONS = {"info": "info", "ok": "circle-check", "wait": "hourglass", "fail": "triangle-alert", "": "info"}
SMALL = 13  # pixels of the icon in a badge or in a timeline's node


def trimmed(content: str) -> SafeString:
    """The content of a block, so that an empty one is false. The template that holds it has escaped it already."""
    return mark_safe(content.strip())  # noqa: S308 -- rendered by Django


@register.simple_tag
def icon(name: str, size: int = 16, css: str = "", label: str = "") -> SafeString:
    return icons.icon(name, size, css, label)


@register.simple_tag
def badge(css: str, label: object) -> SafeString:
    """A status in a word; ``css`` is ok, wait, fail, info, paused or "" (grey)."""
    return format_html('<span class="{}">{}</span>', f"badge {css}".strip(), label)


@register.simple_tag
def run_status(status: str) -> SafeString:
    word = words.RUNS[status]
    return badge(word.css, word.label)


@register.simple_tag
def recipient_status(state: str) -> SafeString:
    """What became of an email to one recipient (SND-3)."""
    word = words.RECIPIENTS[state]
    return badge(word.css, word.label)


@register.simple_tag
def record_status(kind: str, status: str, *, emailed: bool = False) -> SafeString:
    """``emailed``: it left by email; the small envelope of SND-2."""
    word = words.record_status(kind, status)
    if not emailed:
        return badge(word.css, word.label)
    return format_html(
        '<span class="badge state-env {}">{}<span class="vh">{} </span>{}</span>',
        word.css,
        icons.icon("mail", SMALL),
        _("left by email:"),
        word.label,
    )


@register.simple_tag
def kind(code: str, label: str = "") -> SafeString:
    """The icon of a kind of record and its name, or the label of one record."""
    found = KINDS[code]
    return format_html('<span class="obj">{}{}</span>', icons.icon(found.icon), label or found.label)


@register.simple_tag
def kind_icon(code: str, size: int = 16) -> SafeString:
    return icons.icon(KINDS[code].icon, size)


@register.simple_tag
def kind_label(code: str, number: int = 1) -> str:
    return str(KINDS[code].label if number == 1 else KINDS[code].plural)


@register.simple_tag
def record_address(code: str, record_id: int) -> str:
    """The page of a record, whatever its kind; "" when its kind has no pages."""
    try:
        return reverse(KINDS[code].url_name, args=[record_id])
    except NoReverseMatch:
        return ""


@register.simple_tag
def record_link(code: str, label: str, record_id: int | None = None, sub: str = "") -> SafeString:
    """The cell "Objet" of a table: icon, blue link, client below. Without an id, or a page for the kind: no link."""
    address = record_address(code, record_id) if record_id else ""
    drawn = {"kind": KINDS[code], "label": label, "address": address, "sub": sub}
    return render_to_string("components/record_link.html", drawn)


@register.simple_tag
def undelivered() -> SafeString:
    """The blinking red dot and "?" of an email that did not arrive (SND-4)."""
    return render_to_string("components/undelivered.html")


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """The initials of a person, whose name stands beside it; ``size`` "sm" in lists."""
    parted = name.split()
    initials = "".join(part[0] for part in (parted[:1] + parted[1:][-1:])).upper()
    return format_html('<span class="{}" aria-hidden="true">{}</span>', f"avatar {size}".strip(), initials)


@register.simple_tag(takes_context=True)
def money(context: Context, amount: Decimal | int | None, currency: str = "") -> SafeString | str:
    """In the currency named, else in the organisation's; nothing for None."""
    if amount is None:
        return ""
    member = getattr(context.get("shell"), "member", None)
    used = currency or (member.organisation.currency if member else "EUR")
    return format_html('<span class="num nowrap">{}</span>', amounts.money(amount, used))


@register.simple_tag
def moment(at: datetime | None, style: str = "short", *, relative: bool = False) -> SafeString | str:
    """``<time>`` in the organisation's zone, in a style of components/dates.py; ``relative``: "4 days ago" below."""
    if at is None:
        return ""
    drawn = format_html(
        '<time datetime="{}" title="{}">{}</time>',
        dates.local_iso(at),
        dates.moment(at, dates.Style.LONG),
        dates.moment(at, style),
    )
    away = dates.relative(at) if relative else ""
    return format_html('{}<span class="t-sub">{}</span>', drawn, away) if away else drawn


@register.simple_tag
def day(on: date | None, style: str = "short", css: str = "") -> SafeString | str:
    """A day without a time; ``css`` such as "failed-text" for one that is overdue."""
    if on is None:
        return ""
    return format_html('<time class="nowrap {}" datetime="{}">{}</time>', css, on.isoformat(), dates.day(on, style))


@register.simple_tag
def crumbs(*pairs: str) -> SafeString:
    """``{% crumbs _("Quotes") quotes_address "D-2026-0147" as trail %}``: label, address, …, the page itself."""
    trail = list(zip(pairs[:-1:2], pairs[1::2], strict=True))
    return render_to_string("components/crumbs.html", {"trail": trail, "here": pairs[-1]})


@register.simple_block_tag
def pagehead(content: str, title: str, sub: str = "", crumbs: str = "", beside: str = "") -> SafeString:
    """The head of a page; the content are its actions. ``crumbs`` and ``beside`` (a badge): from ``{% … as x %}``."""
    drawn = {"title": title, "sub": sub, "crumbs": crumbs, "beside": beside, "content": trimmed(content)}
    return render_to_string("components/pagehead.html", drawn)


@register.simple_block_tag
def card(
    content: str,
    title: str,
    icon: str = "",
    ident: str = "",
    *,
    count: int | str | None = None,
    is_failure: bool = False,
    address: str = "",
    link: str = "",
    foot: str = "",
    flush: bool = False,
) -> SafeString:
    """A titled box. ``count`` beside the title, ``address`` and ``link`` at its right.

    ``flush``: the content brings its own padding (a table, rows, a form's sections). ``ident``: its id.
    """
    drawn = {
        "title": title, "icon": icon, "ident": ident, "count": count, "is_failure": is_failure, "address": address,
        "link": link, "foot": foot, "flush": flush, "content": content,
    }  # fmt: skip
    return render_to_string("components/card.html", drawn)


@register.simple_block_tag
def note(content: str, css: str = "", title: str = "", icon: str = "") -> SafeString:
    """A remark in the page: "" neutral, info, ok, wait or fail; cause, effect and what to do, in that order."""
    drawn = {"css": css, "title": title, "icon": icon or NOTE_ICONS[css], "content": trimmed(content)}
    return render_to_string("components/note.html", drawn)


@register.simple_block_tag
def empty(content: str, icon: str, title: str, text: str = "") -> SafeString:
    """What a list shows before its first row; the content are the buttons that lead on."""
    return render_to_string(
        "components/empty.html", {"icon": icon, "title": title, "text": text, "content": trimmed(content)}
    )


@register.simple_tag
def node(css: str, icon: str) -> SafeString:
    """The round mark of a timeline or of a row: ok, wait, fail, info, hold or "", and an icon."""
    return format_html('<span class="node {}">{}</span>', css, icons.icon(icon, SMALL))


@register.simple_block_tag
def timeline(content: str, label: str = "") -> SafeString:
    spoken = format_html(' aria-label="{}"', label) if label else ""
    return format_html('<ol class="timeline"{}>{}</ol>', spoken, content)


@register.simple_block_tag
def tl(
    content: str,
    css: str,
    icon: str,
    title: str,
    *,
    at: datetime | None = None,
    style: str = "seconds",
    when: str = "",
    planned: bool = False,
    spoken: str = "",
) -> SafeString:
    """One line of a timeline, with its moment (``at``) or words for it (``when``).

    ``planned``: it is to come. ``spoken``: the state for those who do not see the mark, such as ``_("failed")``.
    """
    drawn = {
        "css": css, "icon": icon, "title": title, "at": at, "style": style, "when": when, "planned": planned,
        "spoken": spoken, "content": trimmed(content),
    }  # fmt: skip
    return render_to_string("components/timeline_line.html", drawn)


@register.simple_block_tag
def panelhead(content: str, title: str, sub: str = "") -> SafeString:
    """The head of the side panel; the content (badge, number) stands above the title."""
    return render_to_string("components/panelhead.html", {"title": title, "sub": sub, "content": trimmed(content)})


@register.simple_tag
def panel_link(address: str) -> SafeString:
    """Attributes of a link that opens the side panel: ``<a class="btn sm" {% panel_link address %}>``.

    The address is the page with ``?panel=…``; its view gives the fragment "panel" when htmx asks for it.
    """
    return format_html(
        'href="{0}" hx-get="{0}" hx-target="#panel" hx-swap="innerHTML" hx-replace-url="{0}" data-opens', address
    )


@register.simple_block_tag
def modal(content: str, ident: str, title: str, css: str = "") -> SafeString:
    """A dialog for a decision, opened by ``<button command="show-modal" commandfor="IDENT">`` or ``?dialog=IDENT``."""
    return render_to_string("components/modal.html", {"ident": ident, "title": title, "css": css, "content": content})


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: str,
    ident: str,
    title: str,
    address: str,
    verb: str,
    *,
    icon: str = "trash-2",
    keep: str = "",
    fields: Mapping[str, str] | None = None,
) -> SafeString:
    """A dialog that asks before something final. The content says its effect, the red button says ``verb`` and posts.

    ``keep`` is on the other button ("Cancel" without it).
    """
    drawn = {
        "ident": ident, "title": title, "address": address, "verb": verb, "icon": icon, "keep": keep or _("Cancel"),
        "fields": fields or {}, "content": content, "csrf_token": context.get("csrf_token"),
    }  # fmt: skip
    return render_to_string("components/confirm.html", drawn)


@register.simple_block_tag
def menu(content: str, ident: str, label: str, icon: str = "ellipsis") -> SafeString:
    """The ⋯ button and its list of links and ``{% post_button … css="" %}``; ``label`` names what it acts on."""
    return render_to_string("components/menu.html", {"ident": ident, "label": label, "icon": icon, "content": content})


@register.simple_tag(takes_context=True)
def post_button(
    context: Context,
    address: str,
    label: str,
    *,
    icon: str = "",
    css: str = "btn",
    fields: Mapping[str, str] | None = None,
    target: str = "",
    about: str = "",
    reason: str = "",
) -> SafeString:
    """A form of one button. ``css``: "btn sm", "btn primary", "icon-btn" (then the label is only spoken), "" in a menu.

    ``target``: a selector, htmx swaps the answer in. ``about``: what it acts on, spoken. ``reason``: why it cannot be
    pressed now.
    """
    drawn = {
        "address": address, "label": label, "icon": icon, "css": css, "fields": fields or {}, "target": target,
        "about": about, "reason": reason, "only_icon": "icon-btn" in css.split(),
        "csrf_token": context.get("csrf_token"),
    }  # fmt: skip
    return render_to_string("components/post_button.html", drawn)


@register.simple_tag(takes_context=True)
def switch(
    context: Context,
    address: str,
    label: str,
    *,
    on: bool,
    target: str = "",
    ident: str = "",
    shows: bool = False,
    fields: Mapping[str, str] | None = None,
) -> SafeString:
    """ON/OFF of what ``label`` names: posts ``on=true`` or ``on=false``, the state wished for.

    ``shows``: the label is written instead of ON or OFF. ``ident`` keeps the focus when htmx redraws the ``target``.
    """
    drawn = {
        "address": address, "label": label, "on": on, "target": target, "ident": ident, "shows": shows,
        "fields": fields or {}, "csrf_token": context.get("csrf_token"),
    }  # fmt: skip
    return render_to_string("components/switch.html", drawn)


@register.simple_tag
def tabs(label: str, items: Sequence[parts.Tab]) -> SafeString:
    """Links that look like tabs: the state is in the address."""
    return render_to_string("components/tabs.html", {"label": label, "items": items})


@register.simple_tag
def chips(label: str, items: Sequence[parts.Chip]) -> SafeString:
    return render_to_string("components/chips.html", {"label": label, "items": items})


@register.simple_tag
def pager(newer: str = "", older: str = "", text: str = "") -> SafeString:
    """Keyset paging: the addresses of newer and of older rows, "" at the end. ``text`` says what is shown."""
    return render_to_string("components/pager.html", {"newer": newer, "older": older, "text": text})


@register.simple_tag
def th(label: str, sort: str = "", order: str = "", *, end: bool = False, spoken: bool = False) -> SafeString:
    """A header cell: ``end`` for figures, ``spoken`` for a column of buttons.

    ``sort`` is the address that sorts by it, ``order`` is "ascending" or "descending" while it is sorted so.
    """
    drawn = {"label": label, "end": end, "sort": sort, "order": order, "spoken": spoken}
    return render_to_string("components/th.html", drawn)


@register.simple_tag
def search_box(label: str, value: str = "", name: str = "q") -> SafeString:
    """The search field of a page's toolbar: "/" jumps to it."""
    return render_to_string("components/search_box.html", {"label": label, "value": value, "name": name})


@register.simple_tag
def field(bound: BoundField, look: str = "", notes: Mapping[str, str] | None = None, rows: int = 0) -> SafeString:
    return inputs.field(bound, look, notes, rows)


@register.simple_tag
def form_errors(form: BaseForm) -> SafeString | str:
    """What is wrong with a form, above it: its own errors, and links to the fields that have some."""
    if not form.errors:
        return ""
    # A group of radio buttons has no label of its own: its first button takes the focus.
    faulty = [(bound, bound.id_for_label or f"{bound.auto_id}_0") for bound in form if bound.errors]
    return render_to_string("components/form_errors.html", {"own": form.non_field_errors(), "fields": faulty})
