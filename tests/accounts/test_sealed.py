"""No question of any room finds anything of another organisation (ACC-1); tests.factories.sealed has the rules."""

import pytest

from tests.factories.sealed import READS, ROOMS, answer, fill, is_nothing, make_side, plain, questions, table


@pytest.mark.req("ACC-1")
@pytest.mark.parametrize("room", ROOMS)
def test_every_question_of_a_room_is_asked_or_exempt_with_its_reason(room):
    asked, exempt = _tables(room)
    known = questions(room)

    assert sorted(set(known) - set(asked) - set(exempt)) == [], f"give them an entry in tests/{room}/sealed.py"
    assert sorted({*asked, *exempt} - set(known)) == [], "these no longer exist"
    assert all(exempt.values())


@pytest.mark.req("ACC-1")
@pytest.mark.parametrize("room", [room for room in ROOMS if table(room)])
def test_no_question_finds_what_belongs_to_another_organisation(db, room):
    """1. Alone, an organisation finds what is its own. 2. Nothing of it changes when another one has as much.

    3. Asked about things of the other, the question finds nothing, or what it always finds.
    """
    asked, _ = _tables(room)
    ours = fill(make_side("Atelier Lumière"), up_to=room)
    before = {name: answer(ask, ours, ours) for name, ask in asked.items()}
    theirs = fill(make_side("Maison Secrète"), up_to=room)

    leaks = []
    for name, ask in asked.items():
        own, foreign = answer(ask, ours, ours), answer(ask, ours, theirs)
        if is_nothing(own):
            leaks.append(f"{name} finds nothing at home: the test would prove nothing")
        if own != before[name]:
            leaks.append(f"{name} is not the same once another organisation exists: {before[name]} != {own}")
        if not is_nothing(foreign) and foreign != own:
            leaks.append(f"{name} finds things of another organisation: {foreign}")
    assert leaks == []


def test_the_sweep_sees_a_leak(db):
    """A question that forgets the organisation, one that counts too much, and one that finds nothing at all."""
    ours, theirs = fill(make_side("A"), up_to="accounts"), fill(make_side("B"), up_to="accounts")
    members = type(ours.member).objects

    def forgetful(me, of):
        return members.filter(id=of.member.id)

    assert not is_nothing(answer(forgetful, ours, theirs))
    assert answer(forgetful, ours, theirs) != answer(forgetful, ours, ours)
    before = plain(members.count())
    make_side("C")
    assert plain(members.count()) != before
    assert is_nothing(plain(members.none()))


def test_the_sweep_finds_the_functions_of_modules_and_packages():
    assert "queries.activity" in questions("journal")
    assert {"access.can", "calendars.calendars_of"} <= set(questions("accounts"))
    assert {name.split(".")[0] for room in ROOMS for name in questions(room)} <= READS


def _tables(room):
    found = table(room)
    return (found.ASKS, found.EXEMPT) if found else ({}, {})
