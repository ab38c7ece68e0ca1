"""Home, search and notifications."""

from datetime import timedelta

import pytest
from django.utils import timezone

from rouage.accounts.models import Notification
from rouage.accounts.notifications import NewNotification, write
from rouage.accounts.privileges import Privilege, Role
from rouage.automations.models import Run
from rouage.records.commands.daily import mark_overdue
from tests.factories import records as make
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import make_published
from tests.factories.engine import mail, settle
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def http(client, member):
    return sign_in(client, member)


def tell(member, text_="« Relances » a échoué", *, kind="", record_id=None, now=NOW):
    told = NewNotification(
        organisation_id=member.organisation_id, member_id=member.pk, text=text_, kind=kind, record_id=record_id
    )
    write([told], now)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize(("language", "says"), [("fr", "Tout est en ordre"), ("en", "All is well")])
def test_home_says_when_nothing_needs_one(client, language, says):
    response = sign_in(client, make_member(language=language)).get("/")

    assert says in text(response)
    assert inline_code(response) == []


def test_home_tells_overdue_invoices_with_what_is_still_due(http, member):
    client = make.make_client(member.organisation)
    invoice = make.make_invoice(client)
    make.make_invoice(client)
    make.pay(invoice, "20")
    mark_overdue(NOW + timedelta(days=60))
    response = http.get("/")

    assert "2 factures en retard 220,00 € restent dus." in text(response).replace("\xa0", " ")
    assert 'href="/invoices?status=overdue"' in response.content.decode()


def test_home_tells_the_member_s_own_tasks_that_are_late_or_due_today(http, member):
    now = timezone.now()
    colleague = make_member(member.organisation, role=Role.MEMBER)
    make.make_task(member.organisation, title="En retard", assignee_id=member.pk, due_at=now - timedelta(days=2))
    make.make_task(member.organisation, title="Bien plus tard", assignee_id=member.pk, due_at=now + timedelta(days=9))
    make.make_task(member.organisation, title="D’un autre", assignee_id=colleague.pk, due_at=now - timedelta(days=2))
    shown = text(http.get("/"))

    assert "En retard Tâche en retard." in shown
    assert "Bien plus tard" not in shown
    assert "D’un autre" not in shown


def test_home_tells_the_failed_runs_with_their_reason(http, member):
    automation = make_published(member, mail(), name="Relances de devis", now=timezone.now())
    client = make.make_client(member.organisation, contacts=[{"name": "Denis Morel"}], now=timezone.now())
    make.make_quote(client, status="sent", now=timezone.now())
    settle(timezone.now())
    waiting = Run.objects.get()
    # At night and on Sundays it waits for the next opening.
    settle(waiting.due_at or timezone.now())
    response = http.get("/")

    assert automation.name in text(response)
    assert "a échoué sur D-" in text(response)
    assert "Voir l’échec" in text(response)


def test_home_shows_seven_points_at_most_and_says_how_many_more(http, member):
    now = timezone.now()
    for number in range(9):
        due = now - timedelta(days=number + 1)
        make.make_task(member.organisation, title=f"Tâche {number}", assignee_id=member.pk, due_at=due)
    shown = text(http.get("/"))

    assert "et 4 autres tâches" in shown
    assert shown.count("Tâche en retard.") == 5


def test_home_asks_a_fixed_number_of_questions(http, member, django_assert_max_num_queries):
    now = timezone.now()
    http.get("/")
    with django_assert_max_num_queries(18) as one:
        http.get("/")
    for number in range(3):
        make.make_task(member.organisation, title=f"{number}", assignee_id=member.pk, due_at=now - timedelta(days=1))
        tell(member)
        make.make_invoice(make.make_client(member.organisation))
    with django_assert_max_num_queries(19) as three:
        http.get("/")

    assert len(three.captured_queries) <= len(one.captured_queries) + 1  # the sum of overdue invoices


@pytest.mark.req("ACC-2")
def test_home_shows_no_figures_that_one_may_not_see(client):
    admin = make_member()
    member = make_member(admin.organisation, privileges={Privilege.MANAGE_SETTINGS})
    make.make_invoice(make.make_client(admin.organisation))
    mark_overdue(NOW + timedelta(days=60))
    shown = text(sign_in(client, member).get("/"))

    assert "facture" not in shown
    assert "Exécutions" not in shown


@pytest.mark.req("REC-1", "REC-2")
def test_search_finds_records_of_all_kinds_in_groups(http, member):
    client = make.make_client(member.organisation, name="Théâtre des Sources")
    quote, event = make.make_quote(client, status="sent"), make.make_event(client, name="Gala")
    make.make_task(member.organisation, title="Appeler le théâtre")
    response = http.get("/search?q=theatre")
    content = response.content.decode()

    assert [kind for kind, _hits in response.context["groups"]] == ["client", "event", "quote"]
    assert f'href="/quotes/{quote.pk}"' in content
    assert f'href="/events/{event.pk}"' in content


def test_search_says_when_there_is_nothing_and_what_to_try(http):
    assert "Rien trouvé pour « zèbre »" in text(http.get("/search?q=zèbre")).replace("\xa0", " ")
    assert "Rechercher partout" in text(http.get("/search"))


@pytest.mark.parametrize("asked", ["%", "_", "\x00", "'; drop table", "<b>", "é" * 5000])
def test_search_takes_any_text(http, asked):
    response = http.get("/search", {"q": asked})

    assert response.status_code == 200
    assert "<b>" not in response.content.decode().replace('<b class="strong">', "")


def test_search_as_one_types_is_the_results_alone(http, member):
    make.make_client(member.organisation, name="Garage Morel")
    response = http.get("/search?q=morel", headers={"HX-Request": "true", "HX-Target": "div#results"})

    assert response.content.decode().lstrip().startswith('<div class="stack" id="results"')
    assert "Garage Morel" in text(response)


@pytest.mark.req("RUN-10")
def test_notifications_are_shown_with_their_record_and_marked_as_read(http, member):
    quote = make.make_quote(make.make_client(member.organisation), status="sent")
    tell(member, "Premier", kind="quote", record_id=quote.pk)
    tell(member, "Second")
    first = Notification.objects.order_by("id").first()
    page = http.get("/notifications")
    http.post("/notifications/read", {"id": first.pk})

    assert quote.number in text(page)
    assert "Tout marquer comme lu" in text(page)
    assert [one.read_at is None for one in Notification.objects.order_by("id")] == [False, True]
    http.post("/notifications/read")
    assert Notification.objects.filter(read_at__isnull=True).count() == 0
    assert "Tout marquer comme lu" not in text(http.get("/notifications"))


def test_notifications_have_pages(http, member):
    for number in range(60):
        tell(member, f"Message {number:02}", now=NOW + timedelta(minutes=number))
    first = http.get("/notifications")
    second = http.get("/notifications" + first.context["older"])

    assert ("Message 59" in text(first), "Message 00" in text(first)) == (True, False)
    assert ("Message 59" in text(second), "Message 00" in text(second)) == (False, True)


def test_notifications_of_a_colleague_stay_unread(http, member):
    colleague = make_member(member.organisation, role=Role.MEMBER)
    tell(colleague, "Pour Yanis")
    http.post("/notifications/read", {"id": Notification.objects.get().pk})

    assert "Pour Yanis" not in text(http.get("/notifications"))
    assert Notification.objects.get().read_at is None
