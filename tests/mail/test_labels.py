import pytest
from django.utils.translation import override

from rouage.mail.labels import EVENTS, STATES, event_label, state_label
from rouage.mail.states import DeliveryKind, RecipientState

FRENCH = {
    "queued": "En attente",
    "sending": "En cours",
    "not_sent": "Non envoyé",
    "unknown": "À vérifier",
    "sent": "Envoyé",
    "delayed": "Retardé",
    "relayed": "Transmis (accusé impossible)",
    "delivered": "Réceptionné",
    "failed": "Non réceptionné",
    "complained": "Signalé indésirable",
    "confirmed": "Consulté / Lu / Répondu",
}


@pytest.mark.req("SND-3")
def test_states_have_the_words_that_users_know():
    with override("fr"):
        assert {state.value: state_label(state) for state in RecipientState} == FRENCH


def test_every_state_and_event_has_a_word_in_both_languages():
    assert (STATES.keys(), EVENTS.keys()) == (set(RecipientState), set(DeliveryKind))
    for kind in DeliveryKind:
        with override("fr"):
            french = event_label(kind)
        with override("en"):
            assert event_label(kind) != french
