"""{% field %}, {% fields %} and {% errors %}."""

from django import forms
from django.template import Context, Template


class Sample(forms.Form):
    name = forms.CharField(help_text="As on the door", max_length=5)
    age = forms.IntegerField(required=False)
    agreed = forms.BooleanField(label="Agreed", required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, initial="a")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def shown(source: str, form: forms.Form) -> str:
    return Template("{% load herald %}" + source).render(Context({"form": form}))


def test_a_field_ties_label_help_and_control_together() -> None:
    page = shown("{% field form.name %}", Sample())
    assert '<label for="id_name">Name <span class="req" aria-hidden="true">*</span></label>' in page
    assert 'aria-describedby="id_name_help"' in page
    assert '<small id="id_name_help">As on the door</small>' in page
    assert 'class="input"' in page


def test_an_error_stands_at_its_field() -> None:
    page = shown("{% field form.name %}", Sample({"name": "<b>long name"}))
    assert 'aria-describedby="id_name_help id_name_errors"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="id_name_errors"' in page
    assert "at most 5 characters" in page
    assert "<b>long" not in page


def test_given_attributes_and_class_reach_the_control() -> None:
    page = shown('{% field form.age css="full" label="Years" inputmode="numeric" data_x="1" %}', Sample())
    assert '<div class="field full">' in page
    assert 'inputmode="numeric"' in page
    assert 'data-x="1"' in page
    assert ">Years</label>" in page


def test_a_checkbox_is_a_switch_and_radios_are_a_group() -> None:
    page = shown("{% fields form %}", Sample())
    assert '<label class="switch"><input type="checkbox" name="agreed"' in page
    assert '<fieldset class="field full">' in page
    assert '<input type="hidden" name="secret"' in page


def test_the_summary_links_to_each_bad_field() -> None:
    form = Sample({"name": "", "age": "x", "kind": "a"})
    form.add_error(None, "Together they are <wrong>")
    page = shown("{% errors form %}", form)
    assert 'role="alert"' in page
    assert '<a href="#id_name">Name</a>' in page
    assert '<a href="#id_age">Age</a>' in page
    assert "&lt;wrong&gt;" in page
    assert "3 things need your attention" in page
    assert shown("{% errors form %}", Sample()) == ""
