import pytest

from rouage.accounts.access import NotFound, Refused
from rouage.accounts.errors import Invalid
from rouage.accounts.privileges import Privilege, Role
from rouage.automations import commands
from rouage.automations.errors import Refused as AutomationRefused
from rouage.automations.models import Automation, DraftRevision, Version
from rouage.journal.models import Entry
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.automations import draft, make_published
from tests.factories.engine import later, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_member()


def verbs(automation):
    return list(
        Entry.objects.filter(kind="automation", record_id=automation.pk).order_by("id").values_list("verb", flat=True)
    )


@pytest.mark.req("AUT-6", "TPL-4")
def test_an_automation_begins_as_a_draft_that_runs_nothing(member):
    made = commands.create(member, name="  Relances de devis ", kind="quote", now=NOW)
    assert (made.name, made.is_active, made.published, made.draft_number) == ("Relances de devis", False, None, 1)
    assert made.draft == {"kind": "quote", "trigger": {"type": ""}, "steps": []}
    assert verbs(made) == ["automation.created"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Give the automation a name."),
        ("x" * 101, "Write 100 characters at most."),
        ("RELANCES", "Another automation has this name. Choose another one."),
    ],
)
def test_a_name_that_cannot_be_used_says_why(member, name, sentence, settings):
    settings.LANGUAGE_CODE = "en"
    commands.create(member, name="Relances", kind="quote", now=NOW)
    with pytest.raises(Invalid) as refused:
        commands.create(member, name=name, kind="quote", now=NOW)
    assert refused.value.errors == {"name": sentence}


def test_a_name_is_free_again_after_the_deletion_and_in_another_organisation(member):
    first = make_published(member, name="Relances")
    commands.delete(member, first, now=NOW)
    commands.create(member, name="Relances", kind="quote", now=NOW)
    commands.create(make_member(), name="Relances", kind="quote", now=NOW)
    assert Automation.objects.filter(name="Relances").count() == 3


def test_a_kind_without_automations_is_refused(member):
    for kind in ("client", "task", "nothing"):
        with pytest.raises(Invalid) as refused:
            commands.create(member, name="Relances", kind=kind, now=NOW)
        assert list(refused.value.errors) == ["kind"]


@pytest.mark.req("AUT-6")
def test_undo_and_redo_walk_over_saved_drafts(member):
    made = commands.create(member, name="Relances", kind="quote", now=NOW)
    one, two = draft(step(timing=later(1))), draft(step(timing=later(2)))
    commands.save_draft(member, made, one, now=NOW)
    commands.save_draft(member, made, two, now=NOW)
    assert commands.undo(member, made, now=NOW).draft == one
    assert commands.redo(member, made, now=NOW).draft == two
    commands.undo(member, made, now=NOW)
    commands.undo(member, made, now=NOW)
    with pytest.raises(AutomationRefused) as refused:
        commands.undo(member, made, now=NOW)
    assert refused.value.reason.code == "draft.nothing_to_undo"
    # What is saved after an undo takes the place of what was undone.
    three = draft(step(timing=later(3)))
    commands.save_draft(member, made, three, now=NOW)
    with pytest.raises(AutomationRefused):
        commands.redo(member, made, now=NOW)
    assert list(DraftRevision.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_the_same_draft_twice_is_one_revision(member):
    made = commands.create(member, name="Relances", kind="quote", draft=draft(), now=NOW)
    assert commands.save_draft(member, made, draft(), now=NOW).draft_number == 1


@pytest.mark.req("AUT-6")
def test_a_published_automation_goes_on_beside_its_draft_and_the_draft_can_be_thrown_away(member):
    made = make_published(member)
    published = made.published.definition
    edited = commands.save_draft(member, made, draft(step(timing=later(9))), now=NOW)
    assert (edited.is_active, edited.published.number) == (True, 1)
    assert commands.undo(member, made, now=NOW).draft == published
    commands.redo(member, made, now=NOW)
    assert commands.discard_draft(member, made, now=NOW).draft is None
    assert not DraftRevision.objects.exists()
    assert verbs(made) == [
        "automation.created",
        "automation.published",
        "automation.draft_begun",
        "automation.draft_discarded",
    ]


def test_a_draft_that_somebody_else_has_changed_is_not_overwritten(member):
    made = commands.create(member, name="Relances", kind="quote", draft=draft(), now=NOW)
    commands.save_draft(member, made, draft(step(timing=later(1))), base=1, now=NOW)
    with pytest.raises(AutomationRefused) as refused:
        commands.save_draft(member, made, draft(step(timing=later(2))), base=1, now=NOW)
    assert refused.value.reason.code == "draft.moved"
    made.refresh_from_db()
    assert made.draft == draft(step(timing=later(1)))


def test_the_kind_of_a_published_automation_stays(member):
    made = make_published(member)
    with pytest.raises(Invalid) as refused:
        commands.save_draft(member, made, draft(kind="invoice"), now=NOW)
    assert list(refused.value.errors) == ["kind"]


def test_a_huge_draft_is_refused(member):
    with pytest.raises(Invalid):
        commands.create(member, name="Relances", kind="quote", draft=draft(step(title="x" * 300_000)), now=NOW)


@pytest.mark.req("AUT-6")
def test_a_former_version_comes_back_as_a_draft(member):
    made = make_published(member)
    commands.save_draft(member, made, draft(step(timing=later(9))), now=NOW)
    commands.publish(member, made, now=NOW)
    restored = commands.restore(member, made, 1, now=NOW)
    assert restored.draft == Version.objects.get(automation=made, number=1).definition
    assert restored.published.number == 2
    commands.publish(member, made, now=NOW)
    made.refresh_from_db()
    assert (made.published.number, made.published.definition) == (3, restored.draft)
    with pytest.raises(NotFound):
        commands.restore(member, made, 7, now=NOW)


@pytest.mark.req("AUT-5")
def test_renaming_and_copying(member):
    made = make_published(member, name="Relances")
    commands.rename(member, made, "Rappels", now=NOW)
    commands.rename(member, made, "rappels", now=NOW)
    copy = commands.duplicate(member, made, now=NOW)
    again = commands.duplicate(member, made, now=NOW)
    assert {copy.name, again.name}.isdisjoint({"rappels"})
    assert copy.name != again.name
    assert (copy.draft["steps"], copy.is_active, copy.published) == (made.published.definition["steps"], False, None)
    with pytest.raises(Invalid):
        commands.rename(member, again, "RAPPELS", now=NOW)
    assert verbs(made)[-2:] == ["automation.renamed"] * 2


@pytest.mark.req("ACC-2", "ACC-3")
def test_who_may_edit_what():
    organisation = make_organisation()
    admin = make_member(organisation)
    made = make_published(admin)
    author = make_member(organisation, privileges={Privilege.SEE_RUNS, Privilege.CREATE_AUTOMATIONS})
    editor = make_member(organisation, privileges={Privilege.CREATE_AUTOMATIONS, Privilege.EDIT_ALL_AUTOMATIONS})
    for role in (Role.MANAGER, Role.MEMBER, Role.READER):
        with pytest.raises(Refused) as refused:
            commands.create(make_member(organisation, role=role), name="Essai", kind="quote", now=NOW)
        assert refused.value.privilege is Privilege.CREATE_AUTOMATIONS
    own = commands.create(author, name="La mienne", kind="quote", draft=draft(), now=NOW)
    commands.save_draft(author, own, draft(step(timing=later(1))), now=NOW)
    with pytest.raises(Refused) as refused:
        commands.save_draft(author, made, draft(), now=NOW)
    assert refused.value.privilege is Privilege.EDIT_ALL_AUTOMATIONS
    assert refused.value.administrators == (admin.user.name,)
    with pytest.raises(Refused) as refused:
        commands.publish(author, own, now=NOW)
    assert refused.value.privilege is Privilege.PUBLISH
    commands.rename(editor, made, "Par un autre", now=NOW)


@pytest.mark.req("ACC-1")
def test_nobody_touches_another_organisations_automation(member):
    foreign = make_published(make_member(), name="Secret")
    before = Automation.objects.values().get(pk=foreign.pk)
    for change in (
        lambda: commands.save_draft(member, foreign, draft(), now=NOW),
        lambda: commands.undo(member, foreign, now=NOW),
        lambda: commands.discard_draft(member, foreign, now=NOW),
        lambda: commands.restore(member, foreign, 1, now=NOW),
        lambda: commands.rename(member, foreign, "À moi", now=NOW),
        lambda: commands.duplicate(member, foreign, now=NOW),
        lambda: commands.publish(member, foreign, now=NOW),
        lambda: commands.disable(member, foreign, now=NOW),
        lambda: commands.enable(member, foreign, now=NOW),
        lambda: commands.delete(member, foreign, now=NOW),
        lambda: commands.release_flood(member, foreign, now=NOW),
        lambda: commands.purge_flood(member, foreign, now=NOW),
    ):
        with pytest.raises(NotFound):
            change()
    assert Automation.objects.values().get(pk=foreign.pk) == before
