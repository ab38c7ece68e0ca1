"""The history of activities: every change of the organisation with who, when, before and after (ACC-4)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from rouage.accounts.actors import actor_of
from rouage.accounts.privileges import Privilege
from rouage.automations import commands as automations
from rouage.journal.append import append_entry
from rouage.journal.models import Entry
from rouage.records import commands
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import asked, make_published, make_runs
from tests.factories.engine import later, step
from tests.factories.records import make_client, make_quote
from tests.web.pages import inline_code, text

pytestmark = [pytest.mark.django_db, pytest.mark.req("ACC-4")]


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


def words(response):
    return text(response).replace("\xa0", " ").replace("'", "’")


def rows(response):
    return response.content.decode().partition("<tbody>")[2].count("<tr>")


@pytest.mark.req("REC-9")
def test_change_is_told_with_who_before_and_after(browser, member):
    quote = make_quote(make_client(member.organisation), status="sent")
    commands.change_status(actor_of(member, "10.0.0.7"), quote, "accepted", now=NOW)
    page = browser.get("/activity")

    assert "Camille Renaud 10.0.0.7 Statut changé" in words(page)
    assert "Statut : Envoyé → Accepté" in words(page)
    assert f'<a href="/quotes/{quote.pk}">{quote.number}</a>' in page.content.decode()
    assert "Paramètres" in words(page).partition("Historique des activités")[0]
    assert inline_code(page) == []


def test_what_automations_and_runs_did_is_told_and_linked(browser, member):
    made = make_published(member, step(timing=later(30)), name="Relances")
    (run,) = make_runs(made)
    automations.pause_run(asked(member), run.pk)
    page = browser.get("/activity")

    for word in ("Version publiée", "Automatisation créée", "Exécution démarrée", "Exécution mise en pause"):
        assert word in words(page)
    assert f'href="/runs/{run.pk}"' in page.content.decode()
    assert f'href="/automations/{made.pk}"' in page.content.decode()


def test_filters_are_in_the_address(browser, member):
    colleague = make_member(member.organisation, name="Yanis Belkacem")
    quote = make_quote(make_client(member.organisation), status="sent")
    commands.change_status(actor_of(colleague), quote, "accepted", now=timezone.now())
    make_published(member, name="Relances")
    for query, word, other in [
        ("about=quote", "Statut changé", "Version publiée"),
        ("about=automations", "Version publiée", "Statut changé"),
        (f"who=m{colleague.pk}", "Statut changé", "Version publiée"),
        (f"who=m{member.pk}", "Version publiée", "Accepté"),
        ("period=7-days", "Statut changé", "Version publiée"),
        ("about=members", "Membre ajouté", "Statut changé"),
    ]:
        page = words(browser.get(f"/activity?{query}")).partition("Avant → après")[2]
        assert word in page, query
        assert other not in page, query
    assert "Rien dans l’historique ne correspond" in words(browser.get("/activity?about=imports&who=client"))


@pytest.mark.parametrize("query", ["about=nothing", "who=m", "who=mx", f"who=m{10**22}", "after=x", "period=x"])
def test_filter_that_means_nothing_is_left_out(browser, member, query):
    make_client(member.organisation)

    assert rows(browser.get(f"/activity?{query}")) > 0


def test_pages_follow_one_another(browser, member):
    actor = actor_of(member)
    for number in range(60):
        append_entry(
            organisation_id=member.organisation_id, verb="note.added", actor=actor, data={"text": f"Note {number:02}"},
            now=NOW + timedelta(minutes=number + 1),
        )  # fmt: skip
    first = browser.get("/activity?about=&who=")
    older = first.content.decode().partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = browser.get("/activity" + older.replace("&amp;", "&"))

    assert rows(first) == 50
    assert ("Note 59" in words(first), "Note 09" in words(first)) == (True, False)
    assert ("Note 59" in words(second), "Note 09" in words(second)) == (False, True)


def test_list_asks_as_many_questions_for_three_records_as_for_one(browser, member, django_assert_max_num_queries):
    client = make_client(member.organisation)
    make_quote(client)
    browser.get("/activity")
    with django_assert_max_num_queries(14) as one:
        browser.get("/activity")
    for _ in range(2):
        make_quote(client)
    with django_assert_max_num_queries(14) as three:
        browser.get("/activity")

    assert len(three) == len(one)


@pytest.mark.req("ACC-1")
def test_another_organisation_s_history_does_not_exist(browser):
    stranger = make_member(make_organisation(), name="Étrangère")
    append_entry(
        organisation_id=stranger.organisation_id, verb="note.added", actor=actor_of(stranger),
        data={"text": "secret"}, now=NOW,
    )  # fmt: skip
    page = words(browser.get(f"/activity?who=m{stranger.pk}")) + words(browser.get("/activity"))

    assert "secret" not in page
    assert "Étrangère" not in page


@pytest.mark.req("ACC-2")
def test_history_is_for_those_who_may_see_the_audit_log(client, member):
    sign_in(client, make_member(member.organisation, privileges={Privilege.SEE_RECORDS, Privilege.SEE_RUNS}))
    assert client.get("/activity").status_code == 403
    sign_in(client, make_member(member.organisation, privileges={Privilege.SEE_AUDIT}))

    assert client.get("/activity").status_code == 200


@pytest.mark.req("RUN-5")
def test_nothing_can_be_deleted_from_the_history(browser, member):
    make_client(member.organisation)
    page = browser.get("/activity")
    number = Entry.objects.count()

    assert "Supprimer" not in words(page)
    for method in ("post", "delete", "put"):
        assert getattr(browser, method)("/activity").status_code == 405
    assert Entry.objects.count() == number
