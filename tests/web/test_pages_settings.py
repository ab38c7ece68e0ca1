"""The settings: organisation, calendar, pipelines, members and profiles."""

from datetime import date, time

import pytest
from django.utils import timezone

from rouage.accounts.models import ClosingDate, Member, Organisation, Profile
from rouage.accounts.privileges import Privilege, Role
from rouage.records.models import Pipeline, Stage
from tests.factories import records as make
from tests.factories.accounts import PASSWORD, make_member, make_organisation, sign_in
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db
PAGES = ("organisation", "calendar", "pipelines", "members", "members/new", "profiles", "profiles/new")
CALENDAR = {
    "zone": "Europe/Paris", "working_days": ["0", "1", "2", "3", "4"], "opens": "08:00", "closes": "19:00",
    "country": "FR", "region": "",
}  # fmt: skip


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def http(client, member):
    return sign_in(client, member)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_page_is_shown_within_the_content_policy(client, page, language):
    response = sign_in(client, make_member(language=language)).get(f"/settings/{page}")

    assert response.status_code == 200
    assert inline_code(response) == []


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize("page", PAGES)
def test_page_is_for_those_who_manage_what_it_shows(client, page):
    needs = Privilege.MANAGE_MEMBERS if page.startswith(("members", "profiles")) else Privilege.MANAGE_SETTINGS
    other = ({Privilege.MANAGE_MEMBERS, Privilege.MANAGE_SETTINGS} - {needs}).pop()

    assert sign_in(client, make_member(privileges={other})).get(f"/settings/{page}").status_code == 403
    assert sign_in(client, make_member(privileges={needs})).get(f"/settings/{page}").status_code == 200
    assert sign_in(client, make_member(role=Role.MEMBER)).get("/settings").status_code == 403


@pytest.mark.req("ACC-2")
def test_settings_open_at_the_first_page_that_one_may_change(client):
    http = sign_in(client, make_member(privileges={Privilege.MANAGE_MEMBERS}))

    assert http.get("/settings")["Location"] == "/settings/members"
    assert "/settings/calendar" not in http.get("/settings/members").content.decode()


def test_organisation_is_renamed(http, member):
    data = {"name": "Lumen SARL", "email": "bonjour@lumen.example", "language": "fr", "currency": "chf"}
    http.post("/settings/organisation", data)
    wrong = http.post("/settings/organisation", data | {"name": "", "email": "nowhere"})
    found = Organisation.objects.get(pk=member.organisation_id)

    assert (found.name, found.email, found.currency) == ("Lumen SARL", "bonjour@lumen.example", "CHF")
    assert wrong.status_code == 422
    assert 'value="nowhere"' in wrong.content.decode()


@pytest.mark.req("AUT-10")
def test_calendar_is_saved_and_says_the_next_closed_days_by_name(http, member):
    http.post("/settings/calendar", CALENDAR | {"region": "57", "working_days": ["0", "5"]})
    found = Organisation.objects.get(pk=member.organisation_id)
    page = http.get("/settings/calendar")

    assert (found.region, found.working_days, found.opens, found.closes) == ("57", [0, 5], time(8), time(19))
    assert '<option value="57" selected>Moselle</option>' in page.content.decode()
    assert "Noël" in text(page)


@pytest.mark.req("AUT-10")
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"working_days": []}, "au moins un jour"),
        ({"opens": "19:00", "closes": "08:00"}, "fermeture doit"),
        ({"opens": "25:00"}, "Ce n’est pas une heure"),
        ({"zone": "Mars/Olympus"}, "choix"),
        ({"country": "ZZ"}, "choix"),
        ({"region": "ZZ"}, "région"),
    ],
)
def test_calendar_that_cannot_be_comes_back_with_its_reason(http, member, wrong, says):
    response = http.post("/settings/calendar", CALENDAR | wrong)

    assert response.status_code == 422
    assert says in text(response)
    assert Organisation.objects.get(pk=member.organisation_id).opens == time(9)


@pytest.mark.req("AUT-10")
def test_region_of_the_former_country_is_dropped_with_it(http, member):
    http.post("/settings/calendar", CALENDAR | {"region": "57"})
    http.post("/settings/calendar", CALENDAR | {"region": "57", "country": "BE"})
    found = Organisation.objects.get(pk=member.organisation_id)

    assert (found.country, found.region) == ("BE", "")


@pytest.mark.req("AUT-10")
def test_closing_is_added_shown_and_removed(http, member):
    year = timezone.localdate().year + 1
    http.post("/settings/calendar/closings", {"first_day": f"{year}-01-02", "label": "Inventaire"})
    closing = ClosingDate.objects.get()
    page = http.get("/settings/calendar")
    removed = http.post(f"/settings/calendar/closings/{closing.pk}/remove", follow=True)

    assert (closing.first_day, closing.last_day) == (date(year, 1, 2), date(year, 1, 2))
    assert text(page).count("Inventaire") == 2  # in its list, and among the next closed days
    assert ClosingDate.objects.count() == 0
    assert "vous travaillez de nouveau" in text(removed)


@pytest.mark.req("AUT-10")
@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"first_day": ""}, "obligatoire"),
        ({"first_day": "2027-05-03", "last_day": "2027-05-01"}, "dernier jour"),
        ({"first_day": "2027-02-30"}, "Ce n’est pas une date"),
    ],
)
def test_closing_that_cannot_be_comes_back_with_its_reason(http, data, says):
    response = http.post("/settings/calendar/closings", data)

    assert response.status_code == 422
    assert says in text(response)
    assert ClosingDate.objects.count() == 0


@pytest.mark.req("ACC-2")
def test_member_is_added_and_can_sign_in(http, client, member):
    profile = Profile.objects.get(organisation=member.organisation, role=Role.READER)
    data = {"name": "Hugo Perrin", "email": "Hugo@lumen.example", "profile": profile.pk, "password": PASSWORD}
    answer = http.post("/settings/members/new", data, follow=True)
    added = Member.objects.get(user__email="hugo@lumen.example")

    assert "Hugo Perrin est maintenant membre." in text(answer)
    assert (added.profile, added.user.check_password(PASSWORD)) == (profile, True)


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"email": "hugo"}, "adresse email valide"),
        ({"password": "short"}, "10 caractères"),
        ({"profile": "0"}, "choix"),
    ],
)
def test_member_that_cannot_be_added_is_told_why(http, member, wrong, says):
    profile = Profile.objects.get(organisation=member.organisation, role=Role.READER)
    data = {"name": "Hugo", "email": "hugo@lumen.example", "profile": profile.pk, "password": PASSWORD} | wrong
    response = http.post("/settings/members/new", data)

    assert response.status_code == 422
    assert says in text(response)
    assert PASSWORD not in response.content.decode()
    assert Member.objects.count() == 1


@pytest.mark.req("ACC-2")
def test_member_gets_another_profile_loses_access_and_gets_it_back(http, member):
    colleague = make_member(member.organisation, role=Role.MEMBER, name="Sophie Marchal")
    manager = Profile.objects.get(organisation=member.organisation, role=Role.MANAGER)
    said = text(http.post(f"/settings/members/{colleague.pk}/profile", {"profile": manager.pk}, follow=True))
    http.post(f"/settings/members/{colleague.pk}/deactivate")
    colleague.refresh_from_db()

    assert "Sophie Marchal a maintenant le profil « Responsable »" in said.replace("\xa0", " ")
    assert (colleague.profile, colleague.is_active) == (manager, False)
    assert f'action="/settings/members/{colleague.pk}/reactivate"' in http.get("/settings/members").content.decode()
    http.post(f"/settings/members/{colleague.pk}/reactivate")
    colleague.refresh_from_db()
    assert colleague.is_active


@pytest.mark.req("ACC-2")
def test_last_administrator_cannot_be_taken_away(http, member):
    reader = Profile.objects.get(organisation=member.organisation, role=Role.READER)
    changed = http.post(f"/settings/members/{member.pk}/profile", {"profile": reader.pk}, follow=True)
    left = http.post(f"/settings/members/{member.pk}/deactivate", follow=True)
    member.refresh_from_db()

    assert 'class="toast fail"' in changed.content.decode()
    assert "Vous ne pouvez pas vous retirer vous-même" in text(left)
    assert (member.profile.role, member.is_active) == (Role.ADMIN, True)


def test_members_page_asks_a_fixed_number_of_questions(http, member, django_assert_max_num_queries):
    http.get("/settings/members")
    with django_assert_max_num_queries(8) as one:
        http.get("/settings/members")
    for _ in range(2):
        make_member(member.organisation, role=Role.MEMBER)
    with django_assert_max_num_queries(8) as three:
        http.get("/settings/members")

    assert len(one.captured_queries) == len(three.captured_queries)


@pytest.mark.req("ACC-2")
def test_profile_is_made_of_privileges_changed_and_deleted(http, member):
    http.post("/settings/profiles/new", {"name": "Chef d’équipe", "privileges": ["see_records", "see_runs"]})
    made = Profile.objects.get(name="Chef d’équipe")
    http.post(f"/settings/profiles/{made.pk}", {"name": "Chef", "privileges": ["see_records"]})
    made.refresh_from_db()

    assert (made.name, made.privileges) == ("Chef", ["see_records"])
    assert "Chef" in text(http.get("/settings/profiles"))
    http.post(f"/settings/profiles/{made.pk}/delete")
    assert not Profile.objects.filter(pk=made.pk).exists()


@pytest.mark.req("ACC-2")
def test_roles_keep_their_names_and_administrators_their_privileges(http, member):
    admin, reader = (
        Profile.objects.get(organisation=member.organisation, role=role) for role in (Role.ADMIN, Role.READER)
    )
    http.post(f"/settings/profiles/{reader.pk}", {"name": "Autre", "privileges": ["see_runs"]})
    page = http.post(f"/settings/profiles/{admin.pk}", {"name": "Autre", "privileges": []}, follow=True)
    admin.refresh_from_db()
    reader.refresh_from_db()

    assert (reader.name, reader.privileges) == ("Lecture seule", ["see_runs"])
    assert admin.name == "Administrateur"
    assert page.status_code == 200
    assert http.post(f"/settings/profiles/{reader.pk}/delete", follow=True).status_code == 200
    assert Profile.objects.filter(pk=reader.pk).exists()


@pytest.mark.req("REC-5")
def test_pipeline_is_made_renamed_and_deleted(http, member):
    http.post("/settings/pipelines/new", {"name": "Maintenance"})
    http.post("/settings/pipelines/new", {"name": "Évènements"})
    first = Pipeline.objects.get(name="Maintenance")
    taken = http.post("/settings/pipelines/new", {"name": "maintenance"})
    http.post(f"/settings/pipelines/{first.pk}/rename", {"name": "Entretien"})
    first.refresh_from_db()

    assert (first.name, taken.status_code) == ("Entretien", 422)
    http.post(f"/settings/pipelines/{first.pk}/delete")
    other = Pipeline.objects.get(deleted_at__isnull=True)
    last = http.post(f"/settings/pipelines/{other.pk}/delete", follow=True)
    assert "dernier pipeline" in text(last)


@pytest.mark.req("REC-5")
def test_stages_are_added_renamed_moved_and_deleted(http, member):
    opportunity = make.make_opportunity(make.make_client(member.organisation))
    pipeline = opportunity.pipeline

    def names():
        stages = Stage.objects.filter(pipeline=pipeline, deleted_at__isnull=True)
        return list(stages.order_by("position").values_list("name", flat=True))

    http.post(f"/settings/pipelines/{pipeline.pk}/stages", {"name": "Visite", "outcome": "open"})
    visit = Stage.objects.get(name="Visite")
    http.post(f"/settings/stages/{visit.pk}/move", {"to": "up"})
    http.post(f"/settings/stages/{visit.pk}/rename", {"name": "Visite faite"})
    assert names() == ["Nouvelle", "Qualifiée", "Proposition", "Visite faite", "Négociation", "Gagnée", "Perdue"]
    used = http.post(f"/settings/stages/{opportunity.stage_id}/delete", follow=True)
    http.post(f"/settings/stages/{visit.pk}/delete")
    empty = http.post(f"/settings/pipelines/{pipeline.pk}/stages", {"name": "", "outcome": "open"})

    assert "1 opportunité" in text(used)
    assert "Visite faite" not in names()
    assert empty.status_code == 422


@pytest.mark.req("REC-5")
@pytest.mark.parametrize("to", ["up", "down"])
def test_stage_at_the_end_stays_there(http, member, to):
    pipeline = make.make_opportunity(make.make_client(member.organisation)).pipeline
    stage = pipeline.stages.order_by("position" if to == "up" else "-position").first()
    before = stage.position
    http.post(f"/settings/stages/{stage.pk}/move", {"to": to})
    stage.refresh_from_db()

    assert stage.position == before
