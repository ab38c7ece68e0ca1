import pytest
from django.utils import translation

from rouage.mail.states import RecipientState
from rouage.planner.model import RunStatus
from rouage.records.kinds import KINDS
from tests.web.pages import text
from tests.web.tags import render, words


@pytest.mark.req("RUN-2", "UX-1")
@pytest.mark.parametrize(
    ("status", "css", "french", "english"),
    [
        ("waiting", "wait", "En attente", "Waiting"),
        ("running", "info", "En cours", "Running"),
        ("paused", "paused", "En pause", "Paused"),
        ("finished", "ok", "Terminée", "Finished"),
        ("failed", "fail", "Échouée", "Failed"),
        ("cancelled", "", "Annulée", "Cancelled"),
    ],
)
def test_run_status_is_a_word_in_its_colour(status, css, french, english):
    tag = '{% run_status "' + status + '" %}'

    assert render(tag) == f'<span class="{f"badge {css}".strip()}">{french}</span>'
    assert render(tag, "en") == f'<span class="{f"badge {css}".strip()}">{english}</span>'


@pytest.mark.req("RUN-2")
def test_run_status_knows_every_status():
    assert all(words("{% run_status status %}", status=status.value) for status in RunStatus)


@pytest.mark.req("SND-3")
@pytest.mark.parametrize(
    ("state", "css", "french"),
    [
        ("queued", "wait", "En attente"),
        ("sending", "info", "En cours"),
        ("not_sent", "fail", "Non envoyé"),
        ("unknown", "wait", "À vérifier"),
        ("sent", "info", "Envoyé"),
        ("delayed", "wait", "Retardé"),
        ("relayed", "info", "Transmis (accusé impossible)"),
        ("delivered", "ok", "Réceptionné"),
        ("failed", "fail", "Non réceptionné"),
        ("complained", "fail", "Signalé indésirable"),
        ("confirmed", "ok", "Lu"),
    ],
)
def test_recipient_status_has_the_words_of_the_tracking(state, css, french):
    assert render("{% recipient_status state %}", state=state) == f'<span class="badge {css}">{french}</span>'


def test_recipient_status_knows_every_state():
    assert all(words("{% recipient_status state %}", "en", state=state.value) for state in RecipientState)


@pytest.mark.parametrize(
    ("kind", "status"), [(kind.key, status.key) for kind in KINDS.values() for status in kind.statuses]
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_record_status_takes_word_gender_and_colour_from_the_kind(kind, status, language):
    drawn = render("{% record_status kind status %}", language, kind=kind, status=status)
    with translation.override(language):
        label = str(KINDS[kind].status_label(status))

    assert text(drawn) == label
    assert f'class="{f"badge {KINDS[kind].status(status).css}".strip()}"' in drawn


@pytest.mark.req("SND-2")
def test_record_status_that_left_by_email_wears_an_envelope_that_is_spoken():
    drawn = render('{% record_status "quote" "sent" emailed=True %}', "en")

    assert drawn.startswith('<span class="badge state-env info"><svg')
    assert text(drawn) == "left by email: Sent"
    assert "parti par email" in words('{% record_status "quote" "sent" emailed=True %}')


def test_record_status_that_the_kind_does_not_have_is_shown_as_stored():
    assert words('{% record_status "quote" "melted" %}') == "melted"


@pytest.mark.parametrize("code", list(KINDS))
def test_kind_has_icon_and_name(code):
    drawn = render("{% kind code %}|{% kind_label code %}|{% kind_label code 2 %}|{% kind_icon code 20 %}", code=code)

    assert [part.strip() for part in text(drawn).split("|")[:3]] == [
        str(KINDS[code].label),
        str(KINDS[code].label),
        str(KINDS[code].plural),
    ]
    assert drawn.count("<svg") == 2
    assert '<svg width="20"' in drawn


def test_kind_names_one_record():
    assert words('{% kind "quote" number %}', number="D-1 <b>") == "D-1 <b>"
