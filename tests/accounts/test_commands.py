import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.utils.translation import override

from rouage.accounts import commands
from rouage.accounts.access import can
from rouage.accounts.actors import actor_of
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Member, Profile, Team, User
from rouage.accounts.privileges import Privilege, Role
from rouage.accounts.queries import led_members, memberships, people, profile_label, teams
from rouage.journal.actors import SYSTEM
from rouage.journal.models import Entry
from tests.factories.accounts import NOW, PASSWORD, make_member, make_organisation


def told(verb):
    """The data of the journal's entries of this verb, the oldest first."""
    return [entry.data for entry in Entry.objects.filter(verb=verb).order_by("id")]


def refused(command, *args, **kwargs):
    with pytest.raises(Invalid) as raised, transaction.atomic():
        command(*args, **kwargs, now=NOW)
    assert all(raised.value.errors.values())
    return set(raised.value.errors)


@pytest.mark.req("ACC-2", "AUT-10")
@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("fr", ["Administrateur", "Responsable", "Membre", "Lecture seule"]),
        ("en", ["Administrator", "Manager", "Member", "Read-only"]),
    ],
)
def test_an_organisation_comes_with_its_four_profiles_in_its_language(db, language, names):
    with override("en" if language == "fr" else "fr"):
        organisation = commands.create_organisation("  Atelier Lumière ", language=language, now=NOW)

    assert organisation.name == "Atelier Lumière"
    assert (organisation.zone, organisation.currency, organisation.created_at) == ("Europe/Paris", "EUR", NOW)
    assert (
        list(Profile.objects.filter(organisation=organisation).order_by("id").values_list("name", flat=True)) == names
    )
    entry = Entry.objects.get(verb="organisation.created")
    assert (entry.organisation_id, entry.actor_label, entry.data) == (
        organisation.id, "Rouage", {"name": "Atelier Lumière"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"name": " "}, {"name"}),
        ({"name": "x" * 101}, {"name"}),
        ({"name": "A", "language": "de"}, {"language"}),
        ({"name": "A", "currency": "euro"}, {"currency"}),
        ({"name": "A", "email": "nobody"}, {"email"}),
        ({"name": "", "zone": "Paris", "country": "ZZ"}, {"name", "zone", "country"}),
    ],
)
def test_an_organisation_that_cannot_be_is_refused_with_all_its_faults(db, values, fields):
    assert refused(commands.create_organisation, **values) == fields


@pytest.mark.req("ACC-4")
def test_a_changed_organisation_is_journalled_with_what_it_was(db):
    member = make_member()
    organisation = member.organisation
    values = {"language": "en", "currency": "EUR", "email": "bonjour@atelier.fr"}
    stale = type(organisation).objects.get(id=organisation.id)

    commands.change_organisation(actor_of(member, "192.0.2.7"), organisation, name="Nouveau", now=NOW, **values)
    commands.change_organisation(actor_of(member), stale, name="Encore", now=NOW, **values)

    first, second = Entry.objects.filter(verb="organisation.changed").order_by("id")
    assert first.data["changes"]["language"] == ["fr", "en"]
    assert (first.actor_id, first.address) == (member.id, "192.0.2.7")
    # The stale copy knew another name; the journal says what was really replaced.
    assert second.data == {"changes": {"name": ["Nouveau", "Encore"]}}
    assert refused(
        commands.change_organisation, SYSTEM, organisation, name="", language="x", currency="E", email="x"
    ) == {"name", "language", "currency", "email"}


def test_a_member_is_added_with_their_user_and_can_sign_in(db):
    organisation = make_organisation(language="en")
    member = make_member(organisation, name=" Zoé Martin ", email=" Zoe@Exemple.FR ", role=Role.MANAGER)

    assert (member.user.email, member.user.name, member.language) == ("zoe@exemple.fr", "Zoé Martin", "en")
    assert authenticate(username="ZOE@exemple.fr", password=PASSWORD) == member.user
    assert member.user.password.startswith("argon2")
    assert told("member.added") == [{"profile": "Manager", "email": "zoe@exemple.fr"}]


def test_a_person_who_is_known_keeps_name_and_password_in_a_second_organisation(db):
    first = make_member(email="zoe@exemple.fr", name="Zoé")
    second = make_member(email="ZOE@exemple.fr", name="Autre nom", password="another-password-1")

    assert (second.user, second.user.name) == (first.user, "Zoé")
    assert authenticate(username="zoe@exemple.fr", password=PASSWORD) == first.user
    assert {member.id for member in memberships(first.user)} == {first.id, second.id}


def test_a_person_is_a_member_once(db):
    member = make_member(email="zoe@exemple.fr")
    again = {"email": "Zoe@exemple.fr", "name": "Zoé", "profile": member.profile}
    assert refused(commands.add_member, SYSTEM, member.organisation, **again) == {"email"}


def test_a_member_without_password_cannot_sign_in(db):
    member = make_member(email="zoe@exemple.fr", password=None)
    assert not member.user.has_usable_password()
    assert authenticate(username="zoe@exemple.fr", password="") is None


@pytest.mark.req("ACC-5")
@pytest.mark.parametrize("password", ["court", "1234567890", "motdepasse", "zoe.martin", "password123"])
def test_a_weak_password_is_refused_with_what_to_do(db, password):
    organisation = make_organisation()
    member = {"email": "zoe.martin@exemple.fr", "name": "Zoé", "profile": organisation.profiles.first()}
    assert refused(commands.add_member, SYSTEM, organisation, **member, password=password) == {"password"}
    assert not User.objects.filter(email="zoe.martin@exemple.fr").exists()


def test_a_password_of_ten_characters_is_asked_for_in_words(db):
    member = make_member()
    with override("fr"), pytest.raises(Invalid) as raised:
        commands.set_password(SYSTEM, member, "court", now=NOW)
    assert "au minimum 10" in raised.value.errors["new"].replace("\u00a0", " ")


@pytest.mark.req("ACC-5", "ACC-4")
def test_a_password_is_changed_by_who_knows_it_and_the_journal_keeps_no_password(db):
    member = make_member(email="zoe@exemple.fr")
    assert refused(commands.change_password, member, current="wrong", new="a-new-long-password") == {"current"}
    assert refused(commands.change_password, member, current=PASSWORD, new="court") == {"new"}

    commands.change_password(member, current=PASSWORD, new="a-new-long-password", now=NOW)

    assert authenticate(username="zoe@exemple.fr", password=PASSWORD) is None
    assert authenticate(username="zoe@exemple.fr", password="a-new-long-password") == member.user
    assert told("password.changed") == [{}]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"email": "nobody", "name": "x"}, {"email"}),
        ({"email": "a@b.fr\nBcc: c@d.fr", "name": "x"}, {"email"}),
        ({"email": "a@b.fr", "name": ""}, {"name"}),
        ({"email": "", "name": "x" * 101, "language": "xx"}, {"email", "name", "language"}),
    ],
)
def test_a_member_who_cannot_be_is_refused(db, values, fields):
    organisation = make_organisation()
    values |= {"profile": organisation.profiles.first()}
    assert refused(commands.add_member, SYSTEM, organisation, **values) == fields


def test_preferences_are_ones_own_and_each_stands_alone(db):
    member = make_member()
    commands.change_preferences(member, language="en", now=NOW)
    commands.change_preferences(member, theme="dark", now=NOW)
    commands.change_preferences(member, theme="dark", now=NOW)

    member.refresh_from_db()
    assert (member.language, member.theme) == ("en", "dark")
    assert told("member.changed") == [
        {"changes": {"language": ["fr", "en"]}},
        {"changes": {"theme": ["system", "dark"]}},
    ]
    assert refused(commands.change_preferences, member, language="de", theme="pink") == {"language", "theme"}


def test_a_new_name_is_journalled_once(db):
    member = make_member(name="Zoé")
    commands.rename_user(member, "Zoé Martin", now=NOW)
    commands.rename_user(member, "Zoé Martin", now=NOW)
    assert User.objects.get(id=member.user_id).name == "Zoé Martin"
    assert told("member.changed") == [{"changes": {"name": ["Zoé", "Zoé Martin"]}}]
    assert refused(commands.rename_user, member, " ") == {"name"}


@pytest.mark.req("ACC-2", "ACC-4")
def test_a_profile_is_given_and_journalled_by_its_name(db):
    organisation = make_organisation()
    admin, member = make_member(organisation), make_member(organisation, role=Role.MEMBER)
    reader = Profile.objects.get(organisation=organisation, role=Role.READER)

    commands.assign_profile(actor_of(admin), member, reader, now=NOW)

    assert Member.objects.get(id=member.id).profile == reader
    assert told("member.changed") == [{"changes": {"profile": ["Membre", "Lecture seule"]}}]
    assert can(member, Privilege.SEE_RUNS)
    assert not can(member, Privilege.EDIT_RECORDS)


@pytest.mark.req("ACC-2")
def test_the_last_administrator_stays_one(db):
    organisation = make_organisation()
    admin = make_member(organisation)
    reader = Profile.objects.get(organisation=organisation, role=Role.READER)
    make_member(make_organisation())
    gone = make_member(organisation)
    commands.deactivate_member(SYSTEM, gone, now=NOW)

    assert refused(commands.assign_profile, SYSTEM, admin, reader) == {""}
    assert refused(commands.deactivate_member, SYSTEM, admin) == {""}
    commands.assign_profile(SYSTEM, admin, admin.profile, now=NOW)

    commands.reactivate_member(SYSTEM, gone, now=NOW)
    commands.deactivate_member(SYSTEM, admin, now=NOW)
    assert not Member.objects.get(id=admin.id).is_active
    assert [entry.verb for entry in Entry.objects.filter(record_id=gone.id, kind="member").order_by("id")] == [
        "member.added", "member.changed", "member.changed",
    ]  # fmt: skip


def test_who_leaves_leads_no_team(db):
    organisation = make_organisation()
    make_member(organisation)
    lead = make_member(organisation, role=Role.MEMBER)
    team = commands.create_team(SYSTEM, organisation, name="Terrain", lead=lead, now=NOW)
    commands.deactivate_member(SYSTEM, lead, now=NOW)
    team.refresh_from_db()
    assert team.lead is None


@pytest.mark.req("ACC-2")
def test_profiles_of_ones_own(db):
    organisation = make_organisation()
    profile = commands.create_profile(
        SYSTEM, organisation, name="Chef de file", privileges={Privilege.PUBLISH, Privilege.SEE_RUNS}, now=NOW
    )
    assert profile.privileges == ["publish", "see_runs"]

    commands.change_privileges(SYSTEM, profile, {Privilege.SEE_RUNS}, now=NOW)
    commands.rename_profile(SYSTEM, profile, "Équipe", now=NOW)

    assert told("profile.created") == [{"name": "Chef de file", "privileges": ["publish", "see_runs"]}]
    assert told("profile.changed") == [
        {"changes": {"privileges": [["publish", "see_runs"], ["see_runs"]]}},
        {"changes": {"name": ["Chef de file", "Équipe"]}},
    ]
    make_member(organisation, email="zoe@exemple.fr")
    member = make_member(organisation, role=Role.MEMBER)
    commands.assign_profile(SYSTEM, member, profile, now=NOW)
    assert refused(commands.delete_profile, SYSTEM, profile) == {""}
    commands.assign_profile(SYSTEM, member, organisation.profiles.get(role=Role.READER), now=NOW)
    commands.delete_profile(SYSTEM, profile, now=NOW)
    assert not Profile.objects.filter(name="Équipe").exists()
    assert told("profile.deleted") == [{"name": "Équipe", "privileges": ["see_runs"]}]


def test_the_names_of_profiles_are_said_once(db):
    organisation, other = make_organisation(), make_organisation()
    commands.create_profile(SYSTEM, other, name="Équipe", privileges=[], now=NOW)
    profile = commands.create_profile(SYSTEM, organisation, name="Équipe", privileges=[], now=NOW)
    second = commands.create_profile(SYSTEM, organisation, name="Terrain", privileges=[], now=NOW)

    assert refused(commands.create_profile, SYSTEM, organisation, name=" terrain ", privileges=[]) == {"name"}
    assert refused(commands.rename_profile, SYSTEM, profile, "Terrain") == {"name"}
    assert refused(commands.rename_profile, SYSTEM, profile, "") == {"name"}
    commands.rename_profile(SYSTEM, second, "TERRAIN", now=NOW)
    with pytest.raises(ValueError, match="fly"):
        commands.create_profile(SYSTEM, organisation, name="Vol", privileges=["fly"], now=NOW)


@pytest.mark.req("ACC-2")
def test_the_four_roles_stay(db):
    organisation = make_organisation()
    admin = organisation.profiles.get(role=Role.ADMIN)
    reader = organisation.profiles.get(role=Role.READER)

    assert refused(commands.change_privileges, SYSTEM, admin, []) == {"privileges"}
    assert refused(commands.rename_profile, SYSTEM, reader, "Autre") == {"name"}
    assert refused(commands.delete_profile, SYSTEM, reader) == {""}
    with pytest.raises(IntegrityError), transaction.atomic():
        Profile.objects.create(organisation=organisation, name="Second", role=Role.ADMIN)
    with override("en"):
        assert profile_label(reader) == "Read-only"


@pytest.mark.req("ACC-2")
def test_teams(db):
    organisation = make_organisation()
    lead, member = make_member(organisation, name="Zoé"), make_member(organisation)
    team = commands.create_team(SYSTEM, organisation, name="Terrain", now=NOW)
    commands.change_team(SYSTEM, team, name="Terrain", lead=lead, now=NOW)
    commands.assign_team(SYSTEM, member, team, now=NOW)

    assert [(row.name, row.lead, row.member_count) for row in teams(organisation.id)] == [("Terrain", lead, 1)]
    assert led_members(lead) == {lead.id, member.id}
    assert led_members(member) == {member.id}
    assert told("team.changed") == [{"changes": {"lead": ["", "Zoé"]}}]
    assert told("member.changed") == [{"changes": {"team": ["", "Terrain"]}}]

    assert refused(commands.create_team, SYSTEM, organisation, name="terrain") == {"name"}
    assert refused(commands.create_team, SYSTEM, organisation, name="") == {"name"}
    commands.deactivate_member(SYSTEM, member, now=NOW)
    assert refused(commands.change_team, SYSTEM, team, name="Terrain", lead=member) == {"lead"}
    commands.delete_team(SYSTEM, team, now=NOW)
    assert not Team.objects.exists()
    assert Member.objects.get(id=member.id).team is None


@pytest.mark.req("ACC-1")
def test_commands_mix_no_two_organisations(db):
    member, stranger = make_member(), make_member()
    foreign = commands.create_team(SYSTEM, stranger.organisation, name="Terrain", now=NOW)
    person = {"email": "a@b.fr", "name": "x", "now": NOW}

    for attempt in (
        lambda: commands.add_member(SYSTEM, member.organisation, profile=stranger.profile, **person),
        lambda: commands.add_member(SYSTEM, member.organisation, profile=member.profile, team=foreign, **person),
        lambda: commands.assign_profile(SYSTEM, member, stranger.profile, now=NOW),
        lambda: commands.assign_team(SYSTEM, member, foreign, now=NOW),
        lambda: commands.create_team(SYSTEM, member.organisation, name="x", lead=stranger, now=NOW),
    ):
        with pytest.raises(ValueError, match="another organisation"):
            attempt()
    assert people(member.organisation_id, {member.id, stranger.id}) == {
        member.id: (member.user.name, member.user.email)
    }


def test_an_email_is_stored_in_lower_case_only(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Zoe@exemple.fr", name="Zoé")
