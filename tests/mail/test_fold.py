import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage.mail.fold import NOTES, PROVES, RANK, UNDER_WAY, fold, worst
from rouage.mail.states import DeliveryKind, MessageStatus, RecipientKind, RecipientState

kinds = st.lists(st.sampled_from(list(DeliveryKind)), max_size=8)
TO, CC = RecipientKind.TO, RecipientKind.CC


@given(events=kinds, data=st.data())
def test_order_and_repetition_do_not_matter(events, data):
    shuffled = data.draw(st.permutations(events))
    repeated = [*shuffled, *data.draw(st.lists(st.sampled_from(events), max_size=5) if events else st.just([]))]
    assert fold(repeated) == fold(events)


@given(first=kinds, second=kinds)
def test_fold_goes_on_from_what_was_proved(first, second):
    assert fold(second, fold(first)) == fold([*first, *second])
    assert RANK[fold([*first, *second])] >= RANK[fold(first)]


def test_all_sets_of_four_under_all_orders():
    for size in range(1, 5):
        for events in itertools.combinations(DeliveryKind, size):
            states = {
                fold(order) for order in ((events, events[::-1]) if size == 4 else itertools.permutations(events))
            }
            assert len(states) == 1


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "queued"),
        (["queued"], "queued"),
        (["queued", "sending"], "sending"),
        (["queued", "sending", "retry"], "sending"),
        (["queued", "retry", "not_sent"], "not_sent"),
        (["sending", "lost"], "unknown"),
        (["sending", "lost", "accepted"], "sent"),
        (["sending", "lost", "dsn_delivered"], "delivered"),
        (["dsn_delivered", "accepted", "sending", "queued"], "delivered"),  # a report before our own record
        (["accepted", "dsn_delayed"], "delayed"),
        (["accepted", "dsn_relayed", "dsn_failed"], "failed"),
        (["accepted", "provider_delivered", "provider_bounced"], "failed"),  # a gateway accepts, then bounces
        (["accepted", "dsn_failed", "confirmed"], "confirmed"),  # somebody read it all the same
        (["accepted", "complained", "dsn_delivered"], "complained"),
        (["accepted", "auto_replied", "challenged", "not_displayed"], "sent"),
        (["refused"], "failed"),
        (["lost", "marked_sent"], "sent"),
    ],
)
def test_state_is_what_the_highest_event_proves(events, state):
    assert fold(map(DeliveryKind, events)) == state


def test_every_event_proves_a_state_or_is_a_note():
    assert PROVES.keys() | NOTES == set(DeliveryKind)
    assert set(NOTES) == {"auto_replied", "challenged", "not_displayed", "acknowledged"}
    assert set(PROVES.values()) == set(RecipientState)


def test_ranks_are_those_of_the_research():
    assert sorted(RecipientState, key=RANK.__getitem__) == [
        "queued", "sending", "not_sent", "unknown", "sent", "delayed", "relayed", "delivered", "failed", "complained",
        "confirmed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("recipients", "status"),
    [
        ([(TO, "sent")], "sent"),
        ([(TO, "delivered"), (TO, "sent")], "sent"),
        ([(TO, "sent"), (TO, "failed")], "failed"),
        ([(TO, "sent"), (TO, "not_sent")], "failed"),
        ([(TO, "failed"), (TO, "unknown")], "unknown"),
        ([(TO, "sent"), (CC, "failed")], "sent"),
        ([(TO, "failed"), (CC, "sent")], "failed"),
        ([(CC, "failed")], "failed"),
        ([(TO, "confirmed")], "sent"),
        ([], "failed"),
    ],
)
def test_message_stands_where_its_direct_recipients_stand(recipients, status):
    assert worst((kind, RecipientState(state)) for kind, state in recipients) == MessageStatus(status)


def test_under_way_is_what_no_outcome_was_seen_of():
    assert set(UNDER_WAY) == {"queued", "sending"}
