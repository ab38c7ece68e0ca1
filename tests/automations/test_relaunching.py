from datetime import timedelta

import pytest

from rouage.accounts.access import NotFound, Refused
from rouage.accounts.privileges import Role
from rouage.automations import commands
from rouage.automations.commands import On, Wish
from rouage.automations.errors import Refused as RunRefused
from rouage.automations.models import Run, Step
from rouage.journal.models import Entry
from rouage.mail.models import Message
from rouage.planner.commands import Origin
from rouage.records.commands import change_contact, delete_record
from rouage.records.models import Contact, Quote, Task
from tests.engine.conftest import mails, sink  # noqa: F401 -- fixtures
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import asked, draft, make_published
from tests.factories.engine import later, mail, settle, step
from tests.factories.records import ACTOR, make_client, make_quote

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1, minutes=1)  # the hand-over of a mail takes a moment


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def failed(member, mails):  # noqa: F811 -- a fixture
    """The first mail left, the second failed: its contact has lost the address by then."""
    made = make_published(member, mail(subject="Premier {{ number }}"), mail(later(1), subject="Second"))
    client = make_client(member.organisation, contacts=[{"name": "Laure Faure", "email": "l.faure@exemple.fr"}])
    make_quote(client, status="sent")
    settle(NOW)
    change_contact(ACTOR, Contact.objects.get(), {"email": ""}, now=NOW)
    settle(NOW + DAY)
    run = Run.objects.get()
    assert (run.status, run.position, run.automation_id) == ("failed", 1, made.pk)
    assert [subject.split()[0] for _, subject in mails()] == ["Premier"]
    return run


def repair():
    change_contact(ACTOR, Contact.objects.get(), {"email": "l.faure@exemple.fr"}, now=NOW + DAY)


@pytest.mark.req("RUN-7", "REC-1")
def test_relaunching_takes_up_the_failed_step_once_it_is_repaired(member, failed, mails):  # noqa: F811 -- a fixture
    repair()
    new_id, sent = commands.relaunch(asked(member, now=NOW + DAY), failed.id)
    assert [(one.position, one.subject.split()[0]) for one in sent] == [(0, "Premier")]
    settle(NOW + DAY)
    new = Run.objects.get(pk=new_id)
    assert (new.relaunched_from, new.status, new.version_id) == (failed.id, "finished", failed.version_id)
    assert [subject.split()[0] for _, subject in mails()] == ["Premier", "Second"]
    failed.refresh_from_db()
    assert failed.status == "failed"
    assert set(Entry.objects.filter(verb="run.relaunched").values_list("run_id", flat=True)) == {failed.id, new_id}


@pytest.mark.req("RUN-7")
def test_from_the_start_a_mail_that_left_is_not_sent_again(member, failed, mails):  # noqa: F811 -- a fixture
    repair()
    new_id, _ = commands.relaunch(asked(member, now=NOW + DAY), failed.id, Wish(origin=Origin.START))
    settle(NOW + DAY)
    settle(NOW + 2 * DAY)
    steps = Step.objects.filter(run_id=new_id).order_by("position").values_list("position", "status", "reason__code")
    assert list(steps) == [(0, "skipped", "step.already_done"), (1, "done", None)]
    assert [subject.split()[0] for _, subject in mails()] == ["Premier", "Second"]


@pytest.mark.req("RUN-7")
def test_a_mail_is_sent_twice_only_when_a_person_says_so(member, failed, mails):  # noqa: F811 -- a fixture
    repair()
    wish = Wish(origin=Origin.START, repeat=True)
    new_id, sent = commands.relaunch(asked(member, now=NOW + DAY), failed.id, wish)
    assert sent == ()
    settle(NOW + DAY)
    assert [subject.split()[0] for _, subject in mails()] == ["Premier", "Premier"]
    assert Message.objects.filter(run_id=new_id).get().idempotency_key == f"{new_id}:0"


@pytest.mark.req("RUN-7")
def test_what_a_run_has_sent_is_known_to_the_relaunch_of_its_relaunch(member, failed, mails):  # noqa: F811 -- a fixture
    second, _ = commands.relaunch(asked(member, now=NOW + DAY), failed.id)
    settle(NOW + DAY)
    assert Run.objects.get(pk=second).status == "failed"
    repair()
    commands.relaunch(asked(member, now=NOW + DAY), second, Wish(origin=Origin.START))
    settle(NOW + DAY)
    settle(NOW + 2 * DAY)
    assert [subject.split()[0] for _, subject in mails()] == ["Premier", "Second"]


@pytest.mark.req("RUN-7")
def test_relaunching_on_the_current_version(member, failed):
    automation = failed.automation
    definition = draft(step(title="Appeler"), step(timing=later(1), title="Rappeler"))
    commands.save_draft(member, automation, definition, now=NOW)
    commands.publish(member, automation, now=NOW)
    new_id, _ = commands.relaunch(asked(member, now=NOW + DAY), failed.id, Wish(origin=Origin.START, on=On.CURRENT))
    settle(NOW + DAY)
    assert Run.objects.get(pk=new_id).version.number == 2
    assert Task.objects.get().title == "Appeler"


@pytest.mark.req("RUN-7")
def test_relaunching_at_a_chosen_step(member, failed, mails):  # noqa: F811 -- a fixture
    repair()
    preview = commands.preview_relaunch(asked(member, now=NOW + DAY), failed.id, Wish(origin=1))
    assert (preview.planned.run.position, [one.position for one in preview.sent]) == (1, [0])
    assert Run.objects.count() == 1
    commands.relaunch(asked(member, now=NOW + DAY), failed.id, Wish(origin=1))
    settle(NOW + DAY)
    assert [subject.split()[0] for _, subject in mails()] == ["Premier", "Second"]
    with pytest.raises(RunRefused) as refused:
        commands.relaunch(asked(member), failed.id, Wish(origin=7))
    assert refused.value.reason.code == "refused.no_step"


@pytest.mark.req("RUN-7")
def test_many_are_relaunched_each_with_its_answer(member):
    made = make_published(member, mail())
    silent = [make_client(member.organisation, contacts=[{"name": "Personne", "email": ""}]) for _ in range(3)]
    for client in silent:
        make_quote(client, status="sent")
    settle(NOW)
    ids = list(Run.objects.filter(automation=made, status="failed").order_by("id").values_list("id", flat=True))
    assert len(ids) == 3
    Contact.objects.update(email="contact@exemple.fr")
    first = commands.relaunch_runs(asked(member), ids[:1])
    result = commands.relaunch_runs(asked(member), ids)
    assert set(first.done) == {ids[0]}
    assert set(result.done) == set(ids[1:])
    assert {id_: reason.code for id_, reason in result.refused.items()} == {ids[0]: "run.relaunched_already"}


def test_an_open_run_is_not_relaunched(member):
    make_published(member)
    make_quote(make_client(member.organisation), status="sent")
    settle(NOW)
    with pytest.raises(RunRefused) as refused:
        commands.relaunch(asked(member), Run.objects.get().id)
    assert refused.value.reason.code == "refused.still_open"


@pytest.mark.parametrize("switch", [commands.disable, commands.delete])
def test_the_runs_of_an_automation_that_is_off_or_gone_stay_ended(member, failed, switch):
    switch(member, failed.automation, now=NOW + DAY)
    with pytest.raises(RunRefused) as refused:
        commands.relaunch(asked(member), failed.id)
    assert refused.value.reason.code in {"refused.automation_off", "automation.deleted"}
    assert Run.objects.count() == 1


def test_a_record_that_was_deleted_is_not_written_to_again(member, failed):
    delete_record(ACTOR, Quote.objects.get(), now=NOW + DAY)
    with pytest.raises(RunRefused) as refused:
        commands.relaunch(asked(member), failed.id)
    assert refused.value.reason.code == "record.gone"


@pytest.mark.req("ACC-1", "ACC-2")
def test_only_those_who_may_act_on_runs_of_their_organisation(member, failed):
    with pytest.raises(Refused):
        commands.relaunch(asked(make_member(member.organisation, role=Role.READER)), failed.id)
    stranger = asked(make_member())
    with pytest.raises(NotFound):
        commands.relaunch(stranger, failed.id)
    with pytest.raises(NotFound):
        commands.preview_relaunch(stranger, failed.id)
    assert Run.objects.count() == 1
