import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage.records.search import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Évènement  ÉTÉ", "evenement ete"),
        ("L’Œuvre", "l’oeuvre"),
        ("STRAẞE", "strasse"),
        ("Antonio Moreno Taquería", "antonio moreno taqueria"),
        ("", ""),
        (" \n\t", ""),
    ],
)
def test_fold_drops_accents_case_and_spaces(text, folded):
    assert fold(text) == folded


def test_fold_joins_parts_and_leaves_empty_ones_out():
    assert fold("F-2026-0001", "", "Été") == "f-2026-0001 ete"


@given(st.text(max_size=200))
def test_fold_twice_is_fold_once(text):
    assert fold(fold(text)) == fold(text)
