"""One run in the side panel and as a page: its steps, the failing one, the mail, the request, what to do (RUN-3)."""

from datetime import timedelta

import pytest

from rouage.accounts.actors import actor_of
from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.models import Call, Run, Step
from rouage.records import commands as records
from rouage.records.models import Quote
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import asked, make_published, make_runs
from tests.factories.engine import later, mail, settle, step
from tests.factories.mail import Sink
from tests.factories.records import ACTOR, make_client, make_quote
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db
PANEL = {"HX-Request": "true", "HX-Target": "dialog#panel"}
DAY = timedelta(days=1)


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


@pytest.fixture
def _mail_server(settings):
    with Sink() as server:
        settings.ROUAGE_SMTP_PORT = server.port
        yield server


def words(response):
    return text(response).replace("\xa0", " ").replace("'", "’")


def failed_run(member, *steps):
    """On a quote whose client has no address."""
    make_published(member, *(steps or (step(title="Préparer"), mail())), name="Relances")
    client = make_client(member.organisation, contacts=[{"name": "Denis Morel", "email": ""}])
    make_quote(client, status="sent")
    settle(NOW)
    return Run.objects.get()


@pytest.mark.req("RUN-3")
def test_panel_shows_each_step_with_its_times(browser, member):
    run = failed_run(member)
    page = browser.get(f"/runs?panel={run.pk}")
    panel = page.content.decode().partition('<dialog class="panel" id="panel"')[2]

    assert panel.startswith(' closedby="any" aria-labelledby="panel-title" open>')
    for word in ("Prévue", "Commencée", "Terminée", "2 mars · 10:00:00", f"Exécution n° {run.pk}", "version 1"):
        assert word in words(page)
    assert inline_code(page) == []


@pytest.mark.req("RUN-3")
def test_failing_step_is_unmistakable_and_says_what_to_do(browser, member):
    run = failed_run(member)
    response = browser.get(f"/runs?panel={run.pk}", headers=PANEL)
    body, shown = response.content.decode(), words(response)

    assert "<html" not in body
    assert body.count('class="failing"') == 1
    assert '<li id="step-2" class="failing">' in body
    assert "L’étape 2 a échoué" in shown
    assert "Denis Morel n’a pas d’adresse email." in shown
    assert "Ajoutez-la sur la fiche client, puis relancez." in shown
    assert f'<a class="btn sm" href="/clients/{run.client_id}">' in body
    assert "Corriger l’adresse" in shown
    assert "Relancer" in shown


@pytest.mark.req("RUN-3")
def test_run_has_a_page_of_its_own_without_script(browser, member):
    run = failed_run(member)
    page = browser.get(f"/runs/{run.pk}")

    assert "Outils Automatisations Exécutions" in words(page)
    assert "L’étape 2 a échoué" in words(page)
    assert "<h1" in page.content.decode()


@pytest.mark.req("RUN-3")
@pytest.mark.usefixtures("_mail_server")
def test_panel_shows_the_rendered_email_and_what_became_of_it(browser, member):
    make_published(member, mail(subject="Votre devis {{ number }}", body="Bonjour {{ contact.document.name }}"))
    client = make_client(member.organisation, contacts=[{"name": "Laure Faure", "email": "l.faure@exemple.fr"}])
    quote = make_quote(client, status="sent")
    settle(NOW)
    page = words(browser.get(f"/runs/{Run.objects.get().pk}"))

    for word in (f"Objet Votre devis {quote.number}", "Bonjour Laure Faure", "l.faure@exemple.fr", "Envoyé"):
        assert word in page


@pytest.mark.req("RUN-3")
def test_panel_shows_the_request_its_answer_and_the_technical_text_folded(browser, member):
    made = make_published(
        member, step("call_webhook", url="https://compta.exemple.fr/devis", body='{"numero": "{{ number }}"}')
    )
    (run,) = make_runs(made)
    Call.objects.update(
        status="failed", answer={"status": 500, "body": "panne", "milliseconds": 12},
        reason={"code": "call.refused", "data": {"status": 500}},
    )  # fmt: skip
    reason = {"code": "call.refused", "data": {"status": 500, "detail": "HTTP 500 after 12 ms"}}
    Step.objects.update(status="failed", reason=reason, ended_at=NOW)
    Run.objects.update(status="failed", outcome=reason)
    page = browser.get(f"/runs/{run.pk}")
    body = page.content.decode()

    assert "POST https://compta.exemple.fr/devis" in words(page)
    assert f'{{"numero":"{run.label}"}}' in words(page).replace(": ", ":")
    assert "Réponse 500 · 12 ms" in words(page)
    assert "L’autre logiciel a répondu 500" in words(page)
    folded = body.partition("Détails techniques")[2].partition("</details>")[0]
    assert "HTTP 500 after 12 ms" in folded
    assert "HTTP 500 after 12 ms" not in body.replace(folded, "")
    assert f'href="/automations/{made.pk}"' in body


@pytest.mark.req("RUN-3", "AUT-12")
def test_waiting_run_shows_what_comes_and_when(browser, member):
    (run,) = make_runs(make_published(member, step(timing=later(7), title="Appeler"), step(title="Classer")))
    page = browser.get(f"/runs/{run.pk}")

    assert "Créer une tâche « Appeler »" in words(page)
    assert "prévue le lun. 9 mars · 10:00" in words(page)
    assert page.content.decode().count('<li class="planned">') == 2


@pytest.mark.req("AUT-9", "RUN-3")
def test_run_that_was_stopped_says_why_and_who_changed_the_status(browser, member):
    (run,) = make_runs(make_published(member, step(timing=later(7))))
    colleague = make_member(member.organisation, name="Yanis Belkacem")
    records.change_status(actor_of(colleague), Quote.objects.get(pk=run.record_id), "accepted", now=NOW + DAY)
    settle(NOW + DAY)
    page = words(browser.get(f"/runs/{run.pk}"))

    assert "Une condition d’arrêt est remplie" in page
    assert "Statut changé par Yanis Belkacem." in page


def test_run_that_was_cancelled_by_hand_says_who_and_why(browser, member):
    (run,) = make_runs(make_published(member, step(timing=later(7))))
    commands.cancel_run(asked(member, note="Le client a rappelé"), run.pk)
    page = words(browser.get(f"/runs/{run.pk}"))

    assert "Par Camille Renaud. Le client a rappelé" in page


@pytest.mark.req("RUN-7")
def test_relaunched_run_and_its_successor_lead_to_one_another(browser, member):
    run = failed_run(member)
    new, _sent = commands.relaunch(asked(member), run.pk)

    assert f"l’exécution n° {new}" in words(browser.get(f"/runs/{run.pk}"))
    assert f"Reprend l’exécution n° {run.pk}" in words(browser.get(f"/runs/{new}"))


def test_journal_of_the_run_names_every_actor(browser, member):
    (run,) = make_runs(make_published(member, step(timing=later(7)), name="Relances"))
    commands.pause_run(asked(member, note="Appel en cours"), run.pk)
    page = words(browser.get(f"/runs/{run.pk}"))

    for word in ("Exécution démarrée", "Exécution mise en pause", "Camille Renaud", "Appel en cours"):
        assert word in page


@pytest.mark.req("ACC-2", "RUN-5")
def test_nobody_can_delete_a_run_and_who_may_only_see_cannot_act(client, member):
    run = failed_run(member)
    page = sign_in(client, member).get(f"/runs/{run.pk}")
    assert "Supprimer" not in words(page)
    reader = make_member(member.organisation, privileges={Privilege.SEE_RUNS})
    page = sign_in(client, reader).get(f"/runs/{run.pk}")

    assert "panel-foot" not in page.content.decode()
    assert "Corriger l’étape" not in words(page)


@pytest.mark.parametrize("asked_for", ["", "x", "0", "999999", "99999999999999999999"])
def test_panel_of_no_run_is_not_opened(browser, member, asked_for):
    make_runs(make_published(member))
    page = browser.get(f"/runs?panel={asked_for}")

    assert page.status_code == 200
    assert "panel-title</" not in page.content.decode()
    assert 'id="panel-title"' not in page.content.decode()


def test_record_that_is_gone_is_named_and_not_linked(browser, member):
    (run,) = make_runs(make_published(member, step(timing=later(7))))
    records.delete_record(ACTOR, Quote.objects.get(pk=run.record_id), now=NOW)
    page = browser.get(f"/runs/{run.pk}")

    assert run.label in words(page)
    assert f'href="/quotes/{run.record_id}"' not in page.content.decode()
