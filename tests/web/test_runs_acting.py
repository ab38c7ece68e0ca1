"""What people do with runs: one, many, from the box of a record; each says what became of it (RUN-6, RUN-7)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.models import Run
from rouage.journal.models import Entry
from rouage.mail.models import Message
from rouage.records.models import Contact, Task
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import asked, draft, make_published, make_runs
from tests.factories.engine import later, mail, settle, step
from tests.factories.mail import Sink
from tests.factories.records import make_client, make_contract, make_quote, make_record
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db
BOX = {"HX-Request": "true", "HX-Target": "section#automations-box"}
PANEL = {"HX-Request": "true", "HX-Target": "dialog#panel"}


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


@pytest.fixture
def run(member):
    (made,) = make_runs(make_published(member, step(timing=later(60)), step(title="Ensuite"), name="Relances"))
    return made


def work_a_week():
    """At ten o'clock of the next days: the sending hours are open on some of them, whatever day it is."""
    for day in range(1, 9):
        settle((timezone.now() + timedelta(days=day)).replace(hour=9, minute=0))


def fresh(run):
    run.refresh_from_db()
    return run


def failed_run(member, *steps):
    make_published(member, *(steps or (mail(),)), name="Relances")
    client = make_client(member.organisation, contacts=[{"name": "Denis Morel", "email": ""}])
    make_quote(client, status="sent")
    settle(NOW)
    return Run.objects.get()


@pytest.mark.req("RUN-6")
def test_run_is_paused_and_resumed(browser, run):
    response = browser.post(f"/runs/{run.pk}/pause", {"next": "/runs?status=waiting"}, follow=True)
    assert fresh(run).status == "paused"
    assert response.redirect_chain[0][0] == "/runs?status=waiting"
    assert "Exécution mise en pause." in words(response)
    browser.post(f"/runs/{run.pk}/resume")

    assert fresh(run).status == "waiting"


@pytest.mark.req("RUN-6")
def test_step_is_skipped_or_carried_out_now(browser, run):
    browser.post(f"/runs/{run.pk}/now")
    assert fresh(run).due_at <= timezone.now()
    browser.post(f"/runs/{run.pk}/skip")

    assert fresh(run).position == 1


@pytest.mark.req("RUN-6")
def test_run_is_paused_until_a_moment_in_the_organisation_s_time(browser, run):
    form = browser.get(f"/runs/{run.pk}/pause-until")
    assert "Mettre en pause jusqu’au" in words(form)
    browser.post(f"/runs/{run.pk}/pause-until", {"until": "2090-07-01T09:00", "note": "Congés"})

    assert fresh(run).status == "paused"
    assert run.due_at.isoformat() == "2090-07-01T07:00:00+00:00"
    assert Entry.objects.get(verb="run.paused").data["note"] == "Congés"


@pytest.mark.parametrize(
    ("until", "said"), [("2020-01-01T09:00", "Choisissez un moment à venir"), ("demain", "31/12/2026 09:00")]
)
def test_pause_until_a_moment_that_cannot_be_is_asked_again(browser, run, until, said):
    response = browser.post(f"/runs/{run.pk}/pause-until", {"until": until}, headers=PANEL)

    assert response.status_code == 422
    assert said in words(response)
    assert fresh(run).status == "waiting"


@pytest.mark.req("RUN-6")
def test_cancelling_asks_first(browser, run):
    assert "Annuler cette exécution ?" in words(browser.get(f"/runs/{run.pk}/cancel"))
    assert fresh(run).status == "waiting"
    browser.post(f"/runs/{run.pk}/cancel", {"note": "Le client a rappelé"})

    assert fresh(run).status == "cancelled"


@pytest.mark.parametrize("path", ["pause", "resume", "skip", "now", "cancel"])
def test_what_does_not_fit_the_run_is_refused_with_a_reason(browser, member, path):
    run = failed_run(member)
    response = browser.post(f"/runs/{run.pk}/{path}", follow=True)

    assert "Cette exécution est terminée : relancez-la plutôt" in words(response)
    assert fresh(run).status == "failed"


@pytest.mark.req("RUN-7", "RUN-6")
@pytest.mark.usefixtures("_mail_server")
def test_failed_run_is_relaunched_from_its_step_after_the_repair(browser, member):
    run = failed_run(member, step(title="Préparer"), mail())
    Contact.objects.update(email="d.morel@exemple.fr")
    response = browser.post(f"/runs/{run.pk}/relaunch", {"next": f"/runs?panel={run.pk}"}, follow=True)
    new = Run.objects.get(relaunched_from=run.pk)
    settle(timezone.now() + timedelta(seconds=1))

    assert response.redirect_chain[0][0] == f"/runs?panel={new.pk}"
    assert f"Relancée : exécution n° {new.pk}" in words(response)
    assert fresh(new).status == "finished"
    assert Task.objects.count() == 1
    assert Message.objects.get().status == "sent"


@pytest.mark.req("RUN-7")
@pytest.mark.usefixtures("_mail_server")
@pytest.mark.parametrize(("repeat", "messages"), [(False, 1), (True, 2)])
def test_relaunch_says_what_has_left_and_repeats_it_only_when_told(browser, member, repeat, messages):
    made = make_published(member, mail(subject="Votre devis"), step("change_status", status="draft"))
    (run,) = make_runs(made)
    settle(NOW)
    assert fresh(run).status == "failed"
    form = browser.get(f"/runs/{run.pk}/relaunch")
    for sentence in (
        "Déjà fait", "Étape 1 : l’email « Votre devis »", "À partir de l’étape échouée", "Depuis le début",
        "À partir d’une étape que je choisis", "Refaire ce qui a déjà été fait",
    ):  # fmt: skip
        assert sentence in words(form)
    assert 'value="failed_step" id="id_origin_0" checked' in form.content.decode()
    assert inline_code(form) == []
    wish = {"origin": "start"} | ({"repeat": "1"} if repeat else {})
    response = browser.post(f"/runs/{run.pk}/relaunch", wish, follow=True)
    work_a_week()

    assert ("n’est pas renvoyé" in words(response)) is not repeat
    assert Message.objects.count() == messages


@pytest.mark.req("RUN-7")
def test_relaunch_from_a_chosen_step_on_the_current_version(browser, member):
    made = make_published(member, mail(), step(title="Un"))
    client = make_client(member.organisation, contacts=[{"name": "Denis Morel", "email": ""}])
    make_quote(client, status="sent")
    settle(NOW)
    run = Run.objects.get()
    commands.save_draft(member, made, draft(step(title="Deux"), step(title="Trois")), now=NOW)
    commands.publish(member, made, now=NOW)
    form = browser.get(f"/runs/{run.pk}/relaunch")
    assert "Version 1, celle de l’exécution" in words(form)
    assert "Version 2, l’actuelle" in words(form)
    browser.post(f"/runs/{run.pk}/relaunch", {"origin": "step", "step": "1", "on": "current"})
    settle(timezone.now())

    assert Run.objects.get(relaunched_from=run.pk).version.number == 2
    assert Task.objects.get().title == "Trois"


@pytest.mark.parametrize(
    "wish", [{"origin": "step"}, {"origin": "step", "step": "9"}, {"origin": "nothing"}, {"origin": ""}]
)
def test_relaunch_that_says_no_place_is_asked_again(browser, member, wish):
    run = failed_run(member)

    assert browser.post(f"/runs/{run.pk}/relaunch", wish).status_code == 422
    assert Run.objects.count() == 1


def test_relaunch_of_a_switched_off_automation_is_refused_before_it_is_tried(browser, member):
    run = failed_run(member)
    commands.disable(member, run.automation, now=NOW)
    form = browser.get(f"/runs/{run.pk}/relaunch")

    assert "L’automatisation est désactivée : activez-la d’abord" in words(form)
    assert 'form="relaunch-form"' not in form.content.decode()


@pytest.mark.req("RUN-7")
@pytest.mark.parametrize(("do", "status"), [("pause", "paused"), ("resume", "waiting")])
def test_many_runs_are_paused_and_resumed_at_once(browser, member, do, status):
    runs = make_runs(make_published(member, step(timing=later(60))), 2)
    if do == "resume":
        commands.pause_runs(asked(member), [run.pk for run in runs])
    response = browser.post("/runs/bulk", {"do": do, "run": [run.pk for run in runs], "next": "/runs"}, follow=True)

    assert {fresh(run).status for run in runs} == {status}
    assert "2 exécutions" in words(response)


@pytest.mark.req("RUN-7")
def test_many_runs_are_cancelled_after_a_question(browser, member):
    runs = make_runs(make_published(member, step(timing=later(60))), 2)
    form = {"do": "cancel", "run": [run.pk for run in runs]}
    page = browser.post("/runs/bulk", form)
    assert "Annuler ces exécutions ?" in words(page)
    assert {fresh(run).status for run in runs} == {"waiting"}
    browser.post("/runs/bulk", form | {"confirmed": "1"})

    assert {fresh(run).status for run in runs} == {"cancelled"}


@pytest.mark.req("RUN-7")
def test_bulk_says_what_became_of_each_run(browser, member):
    waiting = make_runs(make_published(member, step(timing=later(60)), name="Attend"))[0]
    finished = make_runs(make_published(member, step(), name="Finie"))[0]
    page = browser.post("/runs/bulk", {"do": "pause", "run": [waiting.pk, finished.pk]})

    assert "1 exécution mise en pause." in words(page)
    assert "Laissée telle quelle. Cette exécution est terminée : relancez-la plutôt." in words(page)
    assert inline_code(page) == []


@pytest.mark.req("RUN-7")
def test_many_runs_are_relaunched_with_their_new_numbers(browser, member):
    first = failed_run(member)
    other = make_runs(make_published(member, step(timing=later(60))))[0]
    form = {"do": "relaunch", "run": [first.pk, other.pk]}
    assert "Relancer ces exécutions ?" in words(browser.post("/runs/bulk", form))
    page = browser.post("/runs/bulk", form | {"confirmed": "1", "origin": "failed_step", "on": "own"})
    new = Run.objects.get(relaunched_from=first.pk)

    assert f"Relancée : l’exécution n° {new.pk}" in words(page)
    assert "Cette exécution n’est pas terminée" in words(page)


@pytest.mark.parametrize(
    "form", [{"do": "pause"}, {"do": "nothing", "run": ["1"]}, {"do": "pause", "run": ["x", "-1"]}]
)
def test_bulk_without_runs_or_deed_changes_nothing(browser, run, form):
    response = browser.post("/runs/bulk", form, follow=True)

    assert "Cochez d’abord" in words(response) or "Choisissez ce qu’il faut faire" in words(response)
    assert fresh(run).status == "waiting"


@pytest.mark.req("RUN-6")
@pytest.mark.parametrize("kind", ["quote", "invoice", "event", "intervention", "contract", "opportunity"])
def test_every_kind_of_record_has_the_box(browser, member, kind):
    made = make_published(member, step(timing=later(60)), kind=kind, trigger={"type": "record_created"}, name="Suivi")
    record = make_record(kind, member.organisation)
    settle(NOW)
    run = Run.objects.get(automation=made)
    place = {"quote": "quotes", "invoice": "invoices", "event": "events", "intervention": "interventions",
             "contract": "contracts", "opportunity": "opportunities"}[kind]  # fmt: skip
    page = browser.get(f"/{place}/{record.pk}")
    box = page.content.decode().partition('id="automations-box"')[2].partition("</section>")[0]

    assert "Suivi" in box
    assert 'class="badge wait"' in box
    for path in ("now", "pause", "skip", "pause-until", "cancel"):
        assert f"/runs/{run.pk}/{path}" in box
    for label in ("Relancer maintenant", "Mettre en pause"):
        assert f'aria-label="{label} Suivi"' in box
    for word in ("Tout mettre en pause", "Passer l’étape", "Exécuter maintenant", "Mettre en pause jusqu’au"):
        assert word in words(page)
    assert inline_code(page) == []


@pytest.mark.req("RUN-6", "RUN-9")
def test_box_of_a_record_without_runs_says_so_and_leads_on(browser, member):
    contract = make_contract(make_client(member.organisation))
    page = browser.get(f"/contracts/{contract.pk}")

    assert "Aucune automatisation n’a encore agi ici." in words(page)
    assert f"/runs/why-nothing?kind=contract&amp;record={contract.pk}" in page.content.decode()


@pytest.mark.req("RUN-6")
def test_box_answers_htmx_with_itself(browser, run):
    fields = {"kind": "quote", "record": run.record_id, "next": f"/quotes/{run.record_id}#automations-box"}
    response = browser.post(f"/runs/{run.pk}/pause", fields, headers=BOX)
    body = response.content.decode()

    assert body.lstrip().startswith('<section class="card" id="automations-box"')
    assert 'class="badge paused"' in body
    assert 'aria-label="Lire Relances"' in body
    assert "Exécution mise en pause." in words(response)
    assert f'name="next" value="/quotes/{run.record_id}#automations-box"' in body


@pytest.mark.req("RUN-6")
def test_box_pauses_and_resumes_everything(browser, member, run):
    address = f"/runs/of/quote/{run.record_id}"
    response = browser.post(f"{address}/pause", follow=True)
    assert fresh(run).status == "paused"
    assert "1 exécution mise en pause." in words(response)
    assert "Tout reprendre" in words(response)
    browser.post(f"{address}/resume")

    assert fresh(run).status == "waiting"
    assert "Il n’y avait rien à reprendre." in words(browser.post(f"{address}/resume", follow=True))


@pytest.mark.req("RUN-6")
def test_box_shows_failures_with_the_arrow_to_relaunch(browser, member):
    run = failed_run(member)
    page = browser.get(f"/quotes/{run.record_id}")

    assert "Denis Morel n’a pas d’adresse email." in words(page)
    assert f'action="/runs/{run.pk}/relaunch"' in page.content.decode()


@pytest.mark.req("ACC-2")
def test_box_is_hidden_from_those_who_may_not_see_runs(client, member, run):
    see = make_member(member.organisation, privileges={Privilege.SEE_RECORDS})
    assert "automations-box" not in sign_in(client, see).get(f"/quotes/{run.record_id}").content.decode()
    read = make_member(member.organisation, privileges={Privilege.SEE_RECORDS, Privilege.SEE_RUNS})
    box = sign_in(client, read).get(f"/quotes/{run.record_id}").content.decode()

    assert 'id="automations-box"' in box
    assert f"/runs/{run.pk}/pause" not in box
    for path in ("pause", "resume", "skip", "now", "cancel", "relaunch", "pause-until"):
        assert client.post(f"/runs/{run.pk}/{path}").status_code == 403
    assert client.post(f"/runs/of/quote/{run.record_id}/pause").status_code == 403


def test_box_of_what_does_not_exist_is_not_found(browser):
    for address in ("/runs/of/quote/999/pause", "/runs/of/task/1/pause", "/runs/of/nothing/1/pause"):
        assert browser.post(address).status_code == 404


def test_box_asks_as_many_questions_for_three_runs_as_for_one(browser, member, django_assert_max_num_queries):
    make_published(member, step(timing=later(60)))
    quote = make_quote(make_client(member.organisation), status="sent")
    settle(NOW)
    browser.get(f"/quotes/{quote.pk}")
    with django_assert_max_num_queries(30) as one:
        browser.get(f"/quotes/{quote.pk}")
    run = Run.objects.get()
    for _ in range(2):
        commands.cancel_run(asked(member), Run.objects.latest("id").pk)
        commands.relaunch(asked(member), Run.objects.latest("id").pk)
    with django_assert_max_num_queries(30) as three:
        browser.get(f"/quotes/{quote.pk}")

    assert Run.objects.filter(record_id=run.record_id).count() == 3
    assert len(three) == len(one)
