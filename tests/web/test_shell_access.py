import pytest
from django.utils import timezone, translation

from rouage.accounts.commands import deactivate_member
from rouage.accounts.models import Member, Organisation
from rouage.accounts.privileges import Privilege, Role
from rouage.journal.actors import SYSTEM
from rouage.web.access import may
from rouage.web.middleware import ORGANISATION
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.web.pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.addresses")]
HTMX = {"HX-Request": "true", "HX-Target": "dialog#panel"}


@pytest.mark.req("ACC-5")
@pytest.mark.parametrize(
    ("path", "address"),
    [("/", "/sign-in"), ("/quotes?status=sent&page=2", "/sign-in?next=%2Fquotes%3Fstatus%3Dsent%26page%3D2")],
)
def test_visitor_is_sent_to_sign_in_and_back(client, path, address):
    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, address)


def test_visitor_who_posts_is_not_sent_back_to_the_form(client):
    assert client.post("/act").headers["Location"] == "/sign-in"


def test_htmx_request_of_a_visitor_sends_the_whole_page_to_sign_in(client):
    headers = HTMX | {"HX-Current-URL": "http://testserver/runs?status=failed"}
    response = client.get("/runs?panel=12", headers=headers)

    assert response.status_code == 200
    assert response["HX-Redirect"] == "/sign-in?next=%2Fruns%3Fstatus%3Dfailed"
    assert response.content == b""


def test_htmx_request_from_another_host_does_not_choose_where_to_come_back(client):
    response = client.get("/runs", headers=HTMX | {"HX-Current-URL": "https://evil.example/runs"})

    assert response["HX-Redirect"] == "/sign-in"


def test_public_page_is_open_to_visitors(client):
    assert client.get("/open-to-all").content == b"open"


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize(
    ("privileges", "status"),
    [(set(), 403), ({Privilege.SEE_RUNS}, 403), ({Privilege.SEE_AUDIT}, 200), ({Privilege.MANAGE_MEMBERS}, 200)],
)
def test_page_is_for_those_who_hold_one_of_its_privileges(client, privileges, status):
    assert sign_in(client, make_member(privileges=privileges)).get("/guarded").status_code == status


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize("path", ["/guarded", "/deep-refusal"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_refusal_says_whom_to_ask_in_the_member_s_language(client, path, language):
    organisation = make_organisation()
    make_member(organisation, name="Camille Renaud")
    make_member(make_organisation("Autre"), name="Étrangère Admin")
    member = make_member(organisation, role=Role.READER, language=language)
    response = sign_in(client, member).get(path)

    assert response.status_code == 403
    assert "Camille Renaud" in text(response)
    assert "Étrangère" not in text(response)
    assert {"fr": "Accès non autorisé", "en": "Not allowed"}[language] in text(response)
    # The shell stays: what the member may do is one click away.
    assert '<nav class="side"' in response.content.decode()


def test_refusal_for_htmx_is_a_toast_alone(client):
    response = sign_in(client, make_member(role=Role.READER)).get("/guarded", headers=HTMX)

    assert response.status_code == 403
    assert response.content.decode().startswith('<hx-partial hx-target="#toasts"')
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("privilege", Privilege)
def test_administrator_may_everything_and_a_member_what_the_profile_holds(privilege):
    admin, member = make_member(), make_member(privileges={privilege})

    assert may(admin, privilege)
    assert may(member, privilege)
    assert may(member)
    assert not any(may(member, other) for other in Privilege if other != privilege)


def test_action_takes_post_alone(client):
    response = sign_in(client, make_member()).get("/act")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Rien à voir ici" in text(response)


def test_page_takes_get_alone_unless_it_is_a_form(client):
    assert sign_in(client, make_member()).post("/guarded").status_code == 405


@pytest.mark.req("ACC-1")
def test_member_of_two_organisations_works_in_the_one_of_the_session(client):
    first = make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")
    second = make_member(make_organisation("Northwind"), email=first.user.email, password=None)

    assert "<small>Northwind</small>" in sign_in(client, second).get("/clients").content.decode()
    session = client.session
    del session[ORGANISATION]
    session.save()
    page = client.get("/clients").content.decode()
    assert "<small>Lumen &amp; Fils</small>" in page
    assert "<small>Northwind</small>" not in page


@pytest.mark.req("ACC-1")
def test_session_that_names_a_foreign_organisation_is_given_the_member_s_own(client):
    member, foreign = make_member(), make_member(make_organisation("Étrangère"))
    sign_in(client, member)
    session = client.session
    session[ORGANISATION] = foreign.organisation_id
    session.save()

    assert "Étrangère" not in client.get("/clients").content.decode()
    assert member.organisation.name in client.get("/clients").content.decode()


@pytest.mark.req("ACC-1")
def test_membership_that_ended_is_gone_at_the_next_request(client):
    organisation = make_organisation()
    make_member(organisation)
    member = make_member(organisation, email="camille@exemple.fr")
    sign_in(client, member)
    assert client.get("/").status_code == 200
    deactivate_member(SYSTEM, member, now=NOW)
    response = client.get("/")

    assert response.status_code == 403
    assert "camille@exemple.fr" in text(response)
    assert organisation.name not in text(response)
    assert 'action="/sign-out"' in response.content.decode()


def test_request_speaks_the_language_and_keeps_the_time_of_the_member(client):
    member = make_member(make_organisation(zone="America/Guadeloupe"), language="en")
    response = sign_in(client, member).get("/place")

    assert response.json() == {"zone": "America/Guadeloupe", "language": "en"}
    assert response["Content-Language"] == "en"
    # What one request sets does not stay for the next one of the same thread.
    assert (timezone.get_current_timezone_name(), translation.get_language()) == ("UTC", "fr")


def test_zone_that_the_machine_does_not_know_takes_no_page_away(client):
    member = make_member()
    Organisation.objects.filter(pk=member.organisation_id).update(zone="Mars/Olympus")

    assert sign_in(client, member).get("/").status_code == 200


@pytest.mark.req("ACC-1")
def test_page_with_client_data_is_kept_by_no_shared_cache(client):
    response = sign_in(client, make_member()).get("/")

    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert Member.objects.count() == 1
