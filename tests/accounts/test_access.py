import pytest
from django.http import Http404
from django.utils.translation import override

from rouage.accounts.access import (
    NotFound,
    Refused,
    access_colleague,
    access_member,
    access_profile,
    access_team,
    administrators,
    can,
    leads,
    require,
)
from rouage.accounts.actors import actor_of
from rouage.accounts.commands import assign_profile, change_privileges, create_team, deactivate_member
from rouage.accounts.models import Member, Profile
from rouage.accounts.privileges import PRIVILEGE_LABELS, ROLE_LABELS, ROLES, Privilege, Role
from rouage.accounts.queries import profiles
from rouage.journal.actors import SYSTEM, ActorKind
from tests.factories.accounts import NOW, make_member, make_organisation

EVERYTHING = set(Privilege)
READING = {"see_records", "see_runs"}
WORKING = READING | {"edit_records", "act_on_runs"}
# ACC-2, said once more by hand: what each role may do in a new organisation.
TABLE = {
    Role.ADMIN: {
        "see_records", "edit_records", "see_runs", "act_on_runs", "create_automations", "edit_all_automations",
        "publish", "manage_workflows", "manage_templates", "manage_members", "manage_settings", "see_audit",
    },
    Role.MANAGER: WORKING | {"see_audit"},
    Role.MEMBER: WORKING,
    Role.READER: READING,
}  # fmt: skip
AUTOMATIONS = (
    Privilege.CREATE_AUTOMATIONS, Privilege.EDIT_ALL_AUTOMATIONS, Privilege.PUBLISH, Privilege.MANAGE_WORKFLOWS,
    Privilege.MANAGE_TEMPLATES,
)  # fmt: skip


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize("role", TABLE)
def test_each_role_may_do_what_the_table_says_and_nothing_else(db, role):
    member = make_member(role=role)
    assert {privilege for privilege in Privilege if can(member, privilege)} == TABLE[role]


@pytest.mark.req("ACC-2")
def test_every_role_and_every_privilege_has_its_label():
    assert set(ROLE_LABELS) == set(ROLES) == set(Role) - {Role.CUSTOM}
    assert set(PRIVILEGE_LABELS) == EVERYTHING
    with override("fr"):
        labels = [str(label) for label in ROLE_LABELS.values()]
    assert labels == ["Administrateur", "Responsable", "Membre", "Lecture seule"]
    with override("en"):
        assert [str(label) for label in ROLE_LABELS.values()] == ["Administrator", "Manager", "Member", "Read-only"]


@pytest.mark.req("ACC-3")
@pytest.mark.parametrize("privilege", AUTOMATIONS)
def test_only_administrators_have_automations_until_they_open_them(db, privilege):
    organisation = make_organisation()
    people = {role: make_member(organisation, role=role) for role in ROLES}
    assert {role for role, member in people.items() if can(member, privilege)} == {Role.ADMIN}

    manager = Profile.objects.get(organisation=organisation, role=Role.MANAGER)
    change_privileges(actor_of(people[Role.ADMIN]), manager, {*ROLES[Role.MANAGER], privilege}, now=NOW)

    again = {role: Member.objects.get(id=member.id) for role, member in people.items()}
    assert {role for role, member in again.items() if can(member, privilege)} == {Role.ADMIN, Role.MANAGER}


@pytest.mark.req("ACC-2")
def test_a_profile_of_their_own_gives_exactly_its_privileges(db):
    member = make_member(privileges={Privilege.SEE_RUNS, Privilege.PUBLISH})
    assert {privilege for privilege in Privilege if can(member, privilege)} == {Privilege.SEE_RUNS, Privilege.PUBLISH}


def test_an_administrator_may_do_what_a_later_version_adds(db):
    member = make_member()
    Profile.objects.filter(id=member.profile_id).update(privileges=[])
    member.profile.refresh_from_db()
    assert all(can(member, privilege) for privilege in Privilege)


@pytest.mark.req("ACC-2")
def test_require_refuses_and_names_who_can_help(db):
    organisation = make_organisation()
    make_member(organisation, name="Zoé Martin")
    gone = make_member(organisation, name="Paul Parti")
    deactivate_member(SYSTEM, gone, now=NOW)
    make_member(make_organisation(), name="Autre Société")
    reader = make_member(organisation, role=Role.READER)

    require(reader, Privilege.SEE_RUNS)
    with pytest.raises(Refused) as raised:
        require(reader, Privilege.PUBLISH)

    assert (raised.value.privilege, raised.value.administrators) == (Privilege.PUBLISH, ("Zoé Martin",))
    with override("fr"):
        assert raised.value.sentence == (
            "Votre profil n\u2019a pas le privilège «\u00a0Publier des automatisations\u00a0». "
            "Un administrateur peut vous aider\u00a0: Zoé Martin."
        )
    with override("en"):
        assert raised.value.sentence == (
            "Your profile does not have the privilege “Publish automations”. An administrator can help: Zoé Martin."
        )
        assert Refused(Privilege.PUBLISH, ()).sentence == (
            "Your profile does not have the privilege “Publish automations”."
        )


def test_administrators_are_five_at_most_and_cost_one_query(db, django_assert_num_queries):
    organisation = make_organisation()
    for number in range(7):
        make_member(organisation, name=f"Admin {number}")
    with django_assert_num_queries(1):
        assert administrators(organisation.id) == tuple(f"Admin {number}" for number in range(5))


@pytest.mark.req("ACC-1", "ACC-2")
def test_one_may_nothing_after_leaving(db):
    member = make_member(make_member().organisation)
    user = member.user
    deactivate_member(SYSTEM, member, now=NOW)

    assert not any(can(member, privilege) for privilege in Privilege)
    with pytest.raises(NotFound):
        access_member(user, member.organisation_id)
    with pytest.raises(NotFound):
        access_member(user)


@pytest.mark.req("ACC-1")
def test_access_member_finds_only_ones_own_memberships(db, django_assert_num_queries):
    here = make_member()
    there = make_member(email=here.user.email)
    strangers = make_organisation()

    assert access_member(here.user) == here
    with django_assert_num_queries(1):
        found = access_member(here.user, there.organisation_id)
        assert (found, found.organisation, found.profile.role) == (there, there.organisation, Role.ADMIN)
    with pytest.raises(Http404):
        access_member(here.user, strangers.id)


@pytest.mark.req("ACC-1")
def test_access_finds_nothing_of_another_organisation(db):
    member, stranger = make_member(), make_member()
    team = create_team(SYSTEM, stranger.organisation, name="Terrain", now=NOW)

    for access, id_ in (
        (access_colleague, stranger.id),
        (access_profile, stranger.profile_id),
        (access_team, team.id),
    ):
        with pytest.raises(NotFound):
            access(member, id_)
        assert access(stranger, id_).id == id_


@pytest.mark.req("ACC-2")
def test_a_lead_leads_the_members_of_their_teams(db):
    organisation = make_organisation()
    lead = make_member(organisation)
    team = create_team(SYSTEM, organisation, name="Terrain", lead=lead, now=NOW)
    other_team = create_team(SYSTEM, organisation, name="Bureau", now=NOW)

    assert leads(lead, make_member(organisation, team=team))
    assert not leads(lead, make_member(organisation, team=other_team))
    assert not leads(lead, make_member(organisation))
    assert not leads(make_member(organisation, team=team), lead)


def test_a_member_is_an_actor_with_their_name_of_that_day(db):
    member = make_member(name="Zoé Martin")
    actor = actor_of(member, "192.0.2.1")
    assert (actor.kind, actor.id, actor.label, actor.address) == (
        ActorKind.MEMBER,
        member.id,
        "Zoé Martin",
        "192.0.2.1",
    )


def test_profiles_count_their_members(db):
    organisation = make_organisation()
    make_member(organisation)
    assign_profile(
        SYSTEM, make_member(organisation), Profile.objects.get(organisation=organisation, role=Role.READER), now=NOW
    )
    assert [(profile.role, profile.member_count) for profile in profiles(organisation.id)] == [
        ("admin", 1), ("manager", 0), ("member", 0), ("reader", 1),
    ]  # fmt: skip
