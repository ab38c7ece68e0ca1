"""My tasks, and what one does with a task (REC-6)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from rouage.accounts.privileges import Privilege, Role
from rouage.records.models import Task
from tests.factories import records as make
from tests.factories.accounts import make_member, make_organisation, sign_in
from tests.web.pages import inline_code, text

PARIS = ZoneInfo("Europe/Paris")
pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-6")]


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def http(client, member):
    return sign_in(client, member)


@pytest.fixture
def mine(member):
    def made(title="Appeler la mairie", **values):
        return make.make_task(member.organisation, title=title, assignee_id=member.pk, **values)

    return made


def at_noon(days):
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=days), time(12)))


def test_tasks_stand_in_groups_by_when_they_are_due(http, mine):
    mine("Hier", due_at=timezone.now() - timedelta(days=1))
    mine("Un jour")
    mine("Bien plus tard", due_at=timezone.now() + timedelta(days=30))
    shown = text(http.get("/tasks"))

    assert "En retard 1" in shown
    assert (
        shown.index("Hier")
        < shown.index("Plus tard 1")
        < shown.index("Bien plus tard")
        < shown.index("Sans échéance 1")
    )
    assert inline_code(http.get("/tasks")) == []


def test_page_asks_as_many_questions_for_three_tasks_as_for_one(http, member, mine, django_assert_max_num_queries):
    quote = make.make_quote(make.make_client(member.organisation))
    make.make_task(about=quote, assignee_id=member.pk)
    http.get("/tasks")
    with django_assert_max_num_queries(9) as one:
        http.get("/tasks")
    for _ in range(2):
        make.make_task(about=quote, assignee_id=member.pk)
    with django_assert_max_num_queries(9) as three:
        http.get("/tasks")

    assert len(one.captured_queries) == len(three.captured_queries)


def test_task_names_the_record_it_is_about(http, member):
    quote = make.make_quote(make.make_client(member.organisation, name="Théâtre"), status="sent")
    make.make_task(about=quote, assignee_id=member.pk)
    response = http.get("/tasks")

    assert f"{quote.number} · Théâtre" in text(response)
    assert f'href="/quotes/{quote.pk}"' in response.content.decode()


def test_tasks_of_others_stand_in_a_tab_of_their_own(http, member, mine):
    mine("La mienne")
    colleague = make_member(member.organisation, role=Role.MEMBER, name="Yanis Belkacem")
    make.make_task(member.organisation, title="La sienne", assignee_id=colleague.pk)
    alone, team = text(http.get("/tasks")), text(http.get("/tasks?view=team"))

    assert ("La mienne" in alone, "La sienne" in alone) == (True, False)
    assert ("La mienne" in team, "La sienne" in team, "Yanis Belkacem" in team) == (True, True, True)


def test_task_is_done_and_taken_back(http, mine):
    task = mine()
    answer = http.post(f"/tasks/{task.pk}/complete", {"next": "/tasks"}, follow=True)
    done = text(http.get("/tasks?view=done"))
    task.refresh_from_db()

    assert (task.status, answer.redirect_chain) == ("done", [("/tasks", 302)])
    assert f'action="/tasks/{task.pk}/reopen"' in answer.content.decode()
    assert "Terminée : Appeler la mairie" in text(answer).replace("\xa0", " ")
    assert "Appeler la mairie" in done
    http.post(f"/tasks/{task.pk}/reopen")
    task.refresh_from_db()
    assert task.status == "open"


def test_task_that_is_done_already_says_so(http, mine):
    task = mine()
    make.commands.complete_task(make.ACTOR, task, now=timezone.now())
    answer = http.post(f"/tasks/{task.pk}/complete", follow=True)

    assert 'class="toast fail"' in answer.content.decode()


def test_task_is_cancelled(http, mine):
    task = mine()
    http.post(f"/tasks/{task.pk}/cancel")
    task.refresh_from_db()

    assert task.status == "cancelled"


@pytest.mark.parametrize("due", [datetime(2026, 3, 2, 8, 30, tzinfo=PARIS), None])
def test_task_is_put_off_until_tomorrow_at_its_time_of_day_and_back(http, mine, due):
    task = mine(due_at=due)
    answer = http.post(f"/tasks/{task.pk}/postpone", {"next": "/tasks"}, follow=True)
    task.refresh_from_db()
    former = due.astimezone(UTC).isoformat() if due else ""

    tomorrow = datetime.now(PARIS).date() + timedelta(days=1)
    assert task.due_at == datetime.combine(tomorrow, time(8, 30) if due else time(9), PARIS)
    assert f'name="due_at" value="{former}"' in answer.content.decode()
    http.post(f"/tasks/{task.pk}/postpone", {"due_at": former})
    task.refresh_from_db()
    assert task.due_at == due


@pytest.mark.parametrize("wrong", ["yesterday", "2026-02-31T10:00:00+00:00", "2026-03-02T10:00:00"])
def test_moment_that_is_none_changes_nothing(http, mine, wrong):
    task = mine(due_at=at_noon(1))

    assert http.post(f"/tasks/{task.pk}/postpone", {"due_at": wrong}).status_code == 404
    assert Task.objects.get().due_at == task.due_at


def test_task_is_made_about_a_record_and_leads_back_to_it(http, member):
    quote = make.make_quote(make.make_client(member.organisation))
    data = {"title": "Rappeler", "due_at": "2026-12-01T09:00", "assignee": member.pk}
    answer = http.post(f"/tasks/new?about=quote-{quote.pk}", data, follow=True)
    task = Task.objects.get()

    assert answer.redirect_chain == [(f"/quotes/{quote.pk}", 302)]
    assert (task.kind, task.record_id, task.assignee) == ("quote", quote.pk, member)
    assert task.due_at.isoformat() == "2026-12-01T08:00:00+00:00"  # 09:00 in Paris
    assert "Rappeler" in text(answer)


@pytest.mark.parametrize("about", ["quote-0", "quote-99999999999999999999", "spoon-1", "task-1", "quote", "quote-x"])
def test_record_that_does_not_exist_has_no_tasks(http, about):
    status = http.get(f"/tasks/new?about={about}").status_code

    assert status == (200 if about == "quote" else 404)


def test_empty_form_says_what_is_missing_and_keeps_the_rest(http):
    response = http.post("/tasks/new", {"title": " ", "description": "Avec le plan"})

    assert response.status_code == 422
    assert "Dites en quelques mots ce qui est à faire." in text(response)
    assert "Avec le plan" in response.content.decode()


def test_task_is_edited_and_its_page_tells_the_change(http, mine):
    task = mine(description="Avant 10 h")
    data = {"title": "Appeler le maire", "description": "Avant 11 h", "seen": task.updated_at.isoformat()}
    answer = http.post(f"/tasks/{task.pk}/edit", data, follow=True)

    assert "Appeler le maire" in text(answer)
    assert "Titre : Appeler la mairie → Appeler le maire" in text(answer).replace("\xa0", " ")
    assert "Avant 11 h" in text(answer)


def test_form_older_than_the_task_asks_again(http, mine):
    task = mine()
    seen = task.updated_at.isoformat()
    make.commands.change_task(make.ACTOR, task, {"title": "Autre"}, now=timezone.now())
    response = http.post(f"/tasks/{task.pk}/edit", {"title": "Mien", "seen": seen})

    assert response.status_code == 422
    assert Task.objects.get().title == "Autre"


def test_empty_page_leads_on(http):
    assert 'href="/tasks/new"' in http.get("/tasks").content.decode()
    assert "Rien à faire" in text(http.get("/tasks"))


@pytest.mark.req("ACC-2")
def test_reader_sees_tasks_and_cannot_tick_them(client):
    member = make_member(role=Role.READER)
    task = make.make_task(member.organisation, assignee_id=member.pk)
    http = sign_in(client, member)

    assert f'action="/tasks/{task.pk}' not in http.get("/tasks").content.decode()
    assert http.post(f"/tasks/{task.pk}/complete").status_code == 403
    assert Task.objects.get().status == "open"


@pytest.mark.req("ACC-2")
def test_member_who_may_not_see_records_sees_own_tasks_without_their_records(client):
    admin = make_member()
    member = make_member(admin.organisation, privileges={Privilege.SEE_RUNS})
    quote = make.make_quote(make.make_client(admin.organisation, name="Théâtre"), status="sent")
    make.make_task(about=quote, title="Appeler", assignee_id=member.pk)
    shown = text(sign_in(client, member).get("/tasks"))

    assert "Appeler" in shown
    assert "Théâtre" not in shown
    assert quote.number not in shown
