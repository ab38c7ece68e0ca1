from datetime import UTC, datetime

import pytest
from django.core.exceptions import FieldError
from django.db import Error, transaction

from rouage.journal.actors import SYSTEM, Actor, ActorKind
from rouage.journal.append import append_entry, append_event
from rouage.journal.append_only import Immutable
from rouage.journal.masking import MASK, mask_person
from rouage.journal.models import DomainEvent, Entry
from tests.journal.test_append_only import refuse_all

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ZOE = Actor(kind=ActorKind.CLIENT, id=3, label="Zoé Martin")
WORDS = ["Zoé Martin", "zoe@exemple.fr", "06 11 22 33 44"]


def entry(data, *, organisation_id=1, actor=SYSTEM):
    append_entry(
        organisation_id=organisation_id, verb="note.added", actor=actor, kind="quote", record_id=1, data=data, now=NOW
    )
    return Entry.objects.latest("id")


@pytest.mark.req("RUN-5")
def test_mask_person_replaces_their_data_and_keeps_the_trace(db):
    kept = entry({"text": "Rappelée : ZOÉ MARTIN, 06 11 22 33 44", "who": [{"email": "Zoe@Exemple.fr"}, 3]}, actor=ZOE)
    append_event(
        organisation_id=1, type="quote.opened", kind="quote", record_id=1, payload={"by": "zoe@exemple.fr"}, now=NOW
    )
    before = Entry.objects.count()

    assert mask_person(1, WORDS, actor=SYSTEM, now=NOW) == 2

    kept.refresh_from_db()
    assert kept.data == {"text": f"Rappelée : {MASK}, {MASK}", "who": [{"email": MASK}, 3]}
    assert (kept.actor_label, kept.actor_id, kept.verb, kept.at) == (MASK, 3, "note.added", NOW)
    assert DomainEvent.objects.get().payload == {"by": MASK}
    told = Entry.objects.latest("id")
    assert Entry.objects.count() == before + 1
    assert (told.verb, told.data) == (
        "person.masked",
        {"rows": {"journal.entry": 1, "journal.domainevent": 1}},
    )


def test_mask_person_finds_every_unicode_form_and_whole_words_only(db):
    decomposed = entry({"text": "Zoe\u0301 Martin"})
    longer = entry({"text": "Zoé Martinez, zoe@exemple.french, 1Zoé Martin"})

    mask_person(1, WORDS, actor=SYSTEM, now=NOW)

    decomposed.refresh_from_db()
    longer.refresh_from_db()
    assert decomposed.data == {"text": MASK}
    assert longer.data == {"text": "Zoé Martinez, zoe@exemple.french, 1Zoé Martin"}


@pytest.mark.req("ACC-1")
def test_mask_person_leaves_other_organisations_alone(db):
    other = entry({"text": "Zoé Martin"}, organisation_id=2)

    mask_person(1, WORDS, actor=SYSTEM, now=NOW)

    other.refresh_from_db()
    assert other.data == {"text": "Zoé Martin"}


@pytest.mark.parametrize("words", [[], ["Al"], ["Zoé Martin", " "]])
def test_mask_person_refuses_words_that_would_hit_everything(db, words):
    with pytest.raises(ValueError, match="at least 3"):
        mask_person(1, words, actor=SYSTEM, now=NOW)


@pytest.mark.req("RUN-5")
def test_after_masking_the_journal_is_as_closed_as_before(db):
    kept = entry({"text": "Zoé Martin"})
    mask_person(1, WORDS, actor=SYSTEM, now=NOW)

    refuse_all([lambda: Entry.objects.update(verb="x"), Entry.objects.all().delete])
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        super(type(Entry.objects.all()), Entry.objects.all()).update(verb="x")
    kept.refresh_from_db()
    assert kept.verb == "note.added"


@pytest.mark.req("RUN-5")
def test_masking_that_fails_changes_nothing_and_closes_the_journal_again(db):
    kept = entry({"text": "Zoé Martin"})

    with pytest.raises(FieldError):
        mask_person(1, WORDS, actor=SYSTEM, now=NOW, further={DomainEvent: ("no_such",)})

    kept.refresh_from_db()
    assert kept.data == {"text": "Zoé Martin"}
    with pytest.raises(Immutable):
        Entry.objects.update(verb="x")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        super(type(Entry.objects.all()), Entry.objects.all()).update(verb="x")


def test_masking_reads_a_long_journal_in_pieces(db, monkeypatch):
    monkeypatch.setattr("rouage.journal.masking._BATCH", 3)
    for number in range(8):
        entry({"text": f"{number} zoe@exemple.fr"})

    assert mask_person(1, WORDS, actor=SYSTEM, now=NOW) == 8
