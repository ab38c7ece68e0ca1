"""Every tag of the component library, in the languages in which it says something itself."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template import TemplateSyntaxError
from django.utils import timezone
from lucide import IconDoesNotExist

from rouage.web.components.parts import Chip, Tab
from rouage.web.templatetags import ui
from tests.web.pages import text
from tests.web.tags import render, words

NB = "\u00a0"
AT = datetime(2026, 11, 23, 9, 30, 7, tzinfo=UTC)


@pytest.mark.urls("tests.web.record_addresses")
def test_record_link_leads_to_the_page_of_the_kind():
    drawn = render('{% record_link "quote" number 12 "Hôtel Beau Rivage" %}', number="D-2026-<1>")

    assert '<a href="/quotes/12">D-2026-&lt;1&gt;</a>' in drawn
    assert '<span class="t-sub">Hôtel Beau Rivage</span>' in drawn
    assert render('{% record_address "quote" 12 %}') == "/quotes/12"
    assert render('{% record_address "event" 12 %}') == ""


@pytest.mark.urls("tests.web.record_addresses")
@pytest.mark.parametrize("tag", ['{% record_link "event" "Gala" 12 %}', '{% record_link "quote" "Gala" %}'])
def test_record_link_without_a_page_or_an_id_is_text(tag):
    assert "<a" not in render(tag)
    assert "Gala" in render(tag)


def test_badge_undelivered_avatar_and_node():
    assert render('{% badge "wait" label %}', label="<i>") == '<span class="badge wait">&lt;i&gt;</span>'
    assert 'aria-label="Email non délivré"' in render("{% undelivered %}")
    assert 'aria-label="Email not delivered"' in render("{% undelivered %}", "en")
    assert words('{% avatar "Camille Renaud" %}{% avatar "Élodie" %}{% avatar "Jean de La Tour" "sm" %}') == "CR É JT"
    assert render('{% node "fail" "x" %}').startswith('<span class="node fail"><svg width="13"')


def test_icon_is_hidden_from_readers_unless_it_has_a_label():
    assert 'aria-hidden="true"' in render('{% icon "pencil" %}')
    assert text(render('{% icon "mail" label=label %}', label="Parti par email")) == "Parti par email"
    assert "style=" not in render('{% icon "pencil" 20 css="up" %}')


def test_icon_that_does_not_exist_is_an_error():
    with pytest.raises(IconDoesNotExist):
        render('{% icon "no-such-icon" %}')


@pytest.mark.parametrize(
    ("amount", "currency", "french", "english"),
    [
        (Decimal("1284.5"), "EUR", f"1{NB}284,50{NB}€", "€1,284.50"),
        (Decimal(-12), "USD", f"−12,00{NB}$", "−$12.00"),  # noqa: RUF001 -- the minus sign
        (0, "CHF", f"0,00{NB}CHF", f"CHF{NB}0.00"),
        (Decimal("1234567890.995"), "EUR", f"1{NB}234{NB}567{NB}891,00{NB}€", "€1,234,567,891.00"),
    ],
)
def test_money_is_written_as_the_language_does(amount, currency, french, english):
    tag = "{% money amount currency %}"

    assert f">{french}<" in render(tag, amount=amount, currency=currency)
    assert f">{english}<" in render(tag, "en", amount=amount, currency=currency)


def test_money_is_in_the_currency_of_the_organisation():
    shell = SimpleNamespace(member=SimpleNamespace(organisation=SimpleNamespace(currency="GBP")))

    assert render("{% money amount %}", "en", amount=1, shell=shell) == '<span class="num nowrap">£1.00</span>'
    assert render("{% money amount %}", amount=None) == ""


def test_moment_is_absolute_in_the_organisation_s_zone():
    drawn = render("{% moment at %}", at=AT)

    assert 'datetime="2026-11-23T10:30:07+01:00"' in drawn
    assert 'title="lundi 23 novembre 2026 à 10:30"' in drawn
    assert render("{% moment at %}{% day at %}", at=None) == ""


def test_moment_relative_is_a_second_line():
    soon = timezone.now() + timedelta(minutes=12, seconds=30)

    assert text(render("{% moment at relative=True %}", at=soon)).endswith("dans 12 min")
    assert '<span class="t-sub">' not in render("{% moment at relative=True %}", at=soon + timedelta(days=90))


def test_day_is_a_date_without_a_time():
    assert render("{% day on css='failed-text' %}", on=date(2026, 11, 3)) == (
        '<time class="nowrap failed-text" datetime="2026-11-03">03/11/2026</time>'
    )
    assert words("{% day on %}", "en", on=date(2026, 11, 3)) == "3 Nov 2026"


def test_pagehead_holds_crumbs_title_badge_and_actions():
    source = (
        "{% crumbs 'Devis' '/quotes' number as trail %}{% run_status 'failed' as badge %}"
        "{% pagehead number sub='Hôtel' crumbs=trail beside=badge %}<a class='btn'>Envoyer</a>{% endpagehead %}"
    )
    drawn = render(source, number="D-<1>")

    assert text(drawn) == "Devis D-<1> D-<1> Échouée Hôtel Envoyer"
    assert '<nav class="crumbs" aria-label="Fil d’Ariane"><a href="/quotes">Devis</a>' in drawn
    assert '<span aria-current="page">D-&lt;1&gt;</span>' in drawn
    assert "actions" not in render("{% pagehead 'Devis' %}  {% endpagehead %}")


def test_card_has_title_count_link_content_and_foot():
    drawn = render(
        '{% card title icon="mail" ident="mails" count=0 address="/m" link="Voir" foot="Fin" %}<p>x</p>{% endcard %}',
        title="A & B",
    )

    assert text(drawn) == "A & B 0 Voir x Fin"
    assert '<section class="card" id="mails" aria-labelledby="mails-title">' in drawn
    assert '<h2 id="mails-title"><svg' in drawn
    assert '<div class="card-body"><p>x</p></div>' in drawn
    assert "card-body" not in render("{% card 'A' flush=True %}x{% endcard %}")
    assert 'class="count"' not in render("{% card 'A' %}x{% endcard %}")


def test_tag_refuses_a_word_that_it_does_not_know():
    with pytest.raises(TemplateSyntaxError, match="colour"):
        render("{% card 'A' colour='red' %}{% endcard %}")


@pytest.mark.parametrize("css", ["", "info", "ok", "wait", "fail"])
def test_note_has_icon_title_and_content(css):
    drawn = render("{% note css title %}<p>Pourquoi</p>{% endnote %}", css=css, title="Quoi <")

    assert text(drawn) == "Quoi < Pourquoi"
    assert drawn.startswith(f'<div class="{f"note {css}".strip()}"><svg')


def test_empty_leads_on():
    drawn = render('{% empty "receipt" "Aucune facture" "Importez-les." %}<a href="/import">Importer</a>{% endempty %}')

    assert text(drawn) == "Aucune facture Importez-les. Importer"


def test_timeline_line_says_state_time_and_what_is_to_come():
    drawn = render(
        '{% timeline "Étapes" %}{% tl "fail" "x" title at=at spoken="échouée" %}<p>550</p>{% endtl %}'
        '{% tl "" "mail" "Relance" when="prévue le 30 nov." planned=True %}{% endtl %}{% endtimeline %}',
        title="Envoyer <1>",
        at=AT,
    )

    assert drawn.startswith('<ol class="timeline" aria-label="Étapes"><li>')
    assert "Envoyer <1> (échouée)" in text(drawn)
    assert "10:30:07" in drawn
    assert '<li class="planned">' in drawn


def test_panelhead_names_the_panel_and_takes_the_focus():
    drawn = render('{% panelhead "Relances" "sur D-1" %}{% run_status "failed" %}{% endpanelhead %}')

    assert '<h2 id="panel-title" tabindex="-1" autofocus>Relances</h2>' in drawn
    assert '<form method="dialog"><button class="icon-btn" aria-label="Fermer">' in drawn


def test_panel_link_is_a_link_first():
    drawn = render("<a {% panel_link address %}>Voir</a>", address="/runs?status=failed&panel=12")

    assert drawn.startswith('<a href="/runs?status=failed&amp;panel=12" hx-get="/runs?status=failed&amp;panel=12" ')
    assert 'hx-target="#panel"' in drawn


def test_modal_and_confirm_are_labelled_dialogs():
    modal = render('{% modal "publish" "Publier" %}<form class="panel-body"></form>{% endmodal %}')
    confirm = render(
        '{% confirm "delete-3" title "/automations/3/delete" "Supprimer" keep="Garder" fields=fields %}<p>Définitif</p>'
        "{% endconfirm %}",
        title="Supprimer « A » ?",
        fields={"id": "3"},
    )

    assert '<dialog class="panel modal" id="publish" closedby="any" aria-labelledby="publish-title">' in modal
    assert '<h2 class="grow" id="delete-3-title" tabindex="-1" autofocus>Supprimer « A » ?</h2>' in confirm
    assert text(confirm) == "Supprimer « A » ? Définitif Garder Supprimer"
    assert '<form class="inline-form" method="post" action="/automations/3/delete">' in confirm
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="token">' in confirm
    assert '<input type="hidden" name="id" value="3">' in confirm
    assert "Annuler" in words("{% confirm 'd' 'T' '/' 'V' %}{% endconfirm %}")
    assert "Cancel" in words("{% confirm 'd' 'T' '/' 'V' %}{% endconfirm %}", "en")


def test_menu_is_a_named_popover():
    drawn = render('{% menu "m1" label %}<a href="/x">Renommer</a>{% endmenu %}', label='Actions de "A"')

    assert 'popovertarget="m1" aria-label="Actions de &quot;A&quot;"' in drawn
    assert '<div class="menu" id="m1" popover><a href="/x">Renommer</a></div>' in drawn


def test_post_button_is_a_form():
    drawn = render('{% post_button "/x" "Relancer" icon="rotate-cw" css="btn primary" target="#run-12" %}')

    assert '<form class="inline-form" method="post" action="/x" hx-post="/x" hx-target="#run-12"' in drawn
    assert '<button class="btn primary"><svg' in drawn


def test_post_button_of_an_icon_is_named_with_what_it_acts_on():
    drawn = render('{% post_button "/x" "Relancer" icon="rotate-cw" css="icon-btn" about="« Relances »" %}')

    assert 'aria-label="Relancer « Relances »" title="Relancer"' in drawn
    assert text(drawn) == ""


def test_post_button_that_cannot_be_pressed_gives_its_reason():
    drawn = render('{% post_button "/x" "Lancer" reason="Deux fois par jour" %}')

    assert " disabled" in drawn
    assert text(drawn) == "Lancer Deux fois par jour"


@pytest.mark.req("AUT-5")
@pytest.mark.parametrize(("on", "checked", "wished"), [(True, "true", "false"), (False, "false", "true")])
def test_switch_posts_the_state_wished_for(on, checked, wished):
    drawn = render('{% switch "/a/3" label on=on target="#a3" ident="s3" %}', label="Relances", on=on)

    assert f'role="switch" name="on" value="{wished}" aria-checked="{checked}" aria-label="Relances" id="s3"' in drawn
    assert text(render('{% switch "/a" "Masquer" on=on shows=True %}', on=on)) == "Masquer"


def test_tabs_are_links_that_mark_the_current_one():
    items = [
        Tab(label="Toutes", address="?", is_current=True, count=0),
        Tab(label="Échouées", address="?status=failed&x=1", count=2, is_failure=True, dot="fail"),
    ]
    drawn = render('{% tabs "Statut" items %}', items=items)

    assert text(drawn) == "Toutes 0 Échouées 2"
    assert '<a class="tab" href="?" aria-current="page">' in drawn
    assert '<a class="tab" href="?status=failed&amp;x=1"><span class="dot fail"></span>' in drawn


def test_chips_say_what_a_click_does():
    items = [
        Chip(label="Tous", address="?", is_current=True),
        Chip(label="30 jours", address="?", removes=True),
        Chip(label="Client", address="?pick=client", adds=True),
        Chip(label="Non réceptionnés", address="?u=1", is_failure=True),
    ]
    drawn = render('{% chips "Filtres" items %}', items=items)

    assert text(drawn) == "Tous 30 jours (retirer ce filtre) Client Non réceptionnés"
    assert '<a class="chip" href="?" aria-current="true">' in drawn
    assert '<a class="chip fail" href="?u=1">' in drawn


@pytest.mark.parametrize(
    ("newer", "older", "enabled"), [("", "", 0), ("?before=9", "", 1), ("", "?after=1", 1), ("?b=9", "?a=1", 2)]
)
def test_pager_links_only_where_there_is_more(newer, older, enabled):
    drawn = render('{% pager newer=newer older=older text="50" %}', newer=newer, older=older)

    assert text(drawn) == "50 Plus récents Plus anciens"
    assert drawn.count(" href=") == enabled
    assert drawn.count('aria-disabled="true"') == 2 - enabled


def test_header_cell_says_how_it_is_sorted():
    assert render('{% th "Montant" end=True %}').strip() == '<th scope="col" class="r">Montant</th>'
    assert 'aria-sort="descending"><a class="sort" href="?sort=date">' in render(
        '{% th "Date" sort="?sort=date" order="descending" %}'
    )
    assert '<span class="vh">Actions</span>' in render('{% th "Actions" spoken=True %}')


def test_search_box_has_a_label_and_its_key():
    drawn = render('{% search_box "Rechercher un devis" value %}', value='"x"')

    assert '<span class="vh">Rechercher un devis</span>' in drawn
    assert 'value="&quot;x&quot;"' in drawn
    assert 'aria-keyshortcuts="/"' in drawn


def test_every_tag_is_tried_here():
    mine = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_components*.py"))

    assert {name for name in ui.register.tags if "{% " + name + " " not in mine} == set()
