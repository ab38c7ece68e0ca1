import re

import pytest
from django import forms

from tests.web.pages import text
from tests.web.tags import render, words

NB = "\u00a0"


class Draft(forms.Form):
    name = forms.CharField(label="Nom", help_text="Dans les listes")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="Objet", choices=[("a", "A"), ("b", "B")])
    agreed = forms.BooleanField(label="D'accord", required=False, help_text="18 sur 24")
    mode = forms.ChoiceField(label="Mode", choices=[("a", "A <"), ("b", "B")], widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(
        label="Jours", required=False, choices=[("1", "Lun"), ("2", "Mar")], widget=forms.CheckboxSelectMultiple
    )
    secret = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        if self.data.get("name") == "impossible":
            raise forms.ValidationError("Rien ne va.")


def ids(drawn):
    return set(re.findall(r'\bid="([^"]+)"', drawn))


def described(drawn):
    return {one for many in re.findall(r'aria-describedby="([^"]+)"', drawn) for one in many.split()}


@pytest.mark.parametrize("name", list(Draft.base_fields))
@pytest.mark.parametrize("data", [None, {"name": "", "mode": "x", "kind": "z", "days": ["9"]}])
def test_field_ties_its_parts_together(name, data):
    form = Draft(data)
    drawn = render("{% field field rows=3 %}", field=form[name])

    assert described(drawn) <= ids(drawn)
    assert set(re.findall(r'<label[^>]*for="([^"]+)"', drawn)) <= ids(drawn)
    assert ('aria-invalid="true"' in drawn) is (bool(form[name].errors) and name != "secret")
    assert "<style" not in drawn
    assert "style=" not in drawn


def test_field_shows_label_help_error_and_whether_it_is_optional():
    wrong = Draft({"name": ""})

    assert words("{% field f %}", f=wrong["name"]) == "Nom Dans les listes Ce champ est obligatoire."
    assert 'id="id_name_error"' in render("{% field f %}", f=wrong["name"])
    assert words("{% field f %}", f=Draft()["note"]) == "Note facultatif"
    assert words("{% field f %}", "en", f=Draft()["note"]) == "Note optional"
    assert 'rows="3"' in render("{% field f rows=3 %}", f=Draft()["note"])
    assert 'class="select"' in render("{% field f %}", f=Draft()["kind"])
    assert render("{% field f %}", f=Draft(initial={"secret": "x"})["secret"]).startswith('<input type="hidden"')


@pytest.mark.parametrize(("look", "css"), [("choices", "choices"), ("seg", "seg"), ("chips", "chips wrap")])
def test_field_of_several_choices_has_a_look(look, css):
    drawn = render("{% field f look notes=notes %}", f=Draft({"mode": "b"})["mode"], look=look, notes={"a": "Rien <"})

    assert f'<div class="{css}">' in drawn
    assert '<legend class="label">Mode</legend>' in drawn
    assert re.findall(r'value="(\w)" id="\w+"( checked)?', drawn) == [("a", ""), ("b", " checked")]
    assert "A &lt;" in drawn
    assert ("Rien &lt;" in drawn) is (look == "choices")


def test_field_of_checkboxes_keeps_what_was_ticked():
    drawn = render('{% field f "chips" %}', f=Draft({"days": ["2"]})["days"])

    assert re.findall(r'type="checkbox" name="days" value="(\d)" id="\w+"( checked)?', drawn) == [
        ("1", ""),
        ("2", " checked"),
    ]


def test_field_refuses_an_unknown_look():
    with pytest.raises(ValueError, match="stripes"):
        render('{% field f "stripes" %}', f=Draft()["mode"])


def test_form_errors_link_to_their_fields():
    drawn = render("{% form_errors form %}", form=Draft({"name": "impossible", "secret": "x", "kind": "a"}))

    assert 'role="alert"' in drawn
    assert text(drawn) == f"Rien ne va. Un champ est à corriger{NB}: Mode : Ce champ est obligatoire.".replace(NB, " ")
    assert '<a href="#id_mode_0">Mode</a>' in drawn
    assert '<a href="#id_name">Nom</a>' in render("{% form_errors form %}", form=Draft({}))
    assert render("{% form_errors form %}", form=Draft()) == ""
