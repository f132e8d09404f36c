"""One field of each kind, for the style guide."""

from django import forms


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="A line of help.")
    email = forms.EmailField(label="Email", required=False)
    kind = forms.ChoiceField(label="Select", choices=[("a", "First"), ("b", "Second")], required=False)
    day = forms.DateField(label="Day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    date = forms.DateTimeField(
        label="Date and time", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    colours = forms.MultipleChoiceField(
        label="Checkboxes", choices=[("red", "Red"), ("blue", "Blue")], widget=forms.CheckboxSelectMultiple
    )
    one = forms.ChoiceField(
        label="Radio buttons", choices=[("x", "One"), ("y", "Other")], widget=forms.RadioSelect, required=False
    )
    on = forms.BooleanField(label="A switch", required=False, help_text="What it does.")
    text = forms.CharField(label="Text", required=False, widget=forms.Textarea)
