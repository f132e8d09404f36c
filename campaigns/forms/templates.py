"""The template form: what the compiler finds wrong stands at the field it is in."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from campaigns.composing import compose
from campaigns.content.problems import Problem
from campaigns.forms.text import one_line
from campaigns.models import COMPOSITION_FIELDS, EmailTemplate, TemplateMode


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """`version` is the one the author began with, so that two people cannot overwrite each other unseen; `overwrite`,
    sent by a button, the one they decided to replace."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    overwrite = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = EmailTemplate
        fields = (
            "name", "status", "category", "is_one_off", "description",
            "mode", "subject", "preview_text", "body", "text_body",
        )  # fmt: skip
        widgets = {
            "mode": forms.RadioSelect,
            "body": forms.Textarea(attrs={"rows": 26, "spellcheck": "false", "wrap": "off"}),
            "text_body": forms.Textarea(attrs={"rows": 8}),
            "description": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "category", "subject", "preview_text"):
            self.fields[name].validators.append(one_line)
        for name in ("body", "text_body"):  # a body is kept to the last blank and line end
            field = self.fields[name]
            assert isinstance(field, forms.CharField)
            field.strip = False
        self.warnings: list[Problem] = []
        self.problems: list[Problem] = []
        if not self.is_bound:
            self.initial.setdefault("version", self.instance.version)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self._compile(cleaned)
        return cleaned

    def _compile(self, cleaned: dict[str, Any]) -> None:
        draft = EmailTemplate(**{name: cleaned[name] for name in COMPOSITION_FIELDS})
        _content, self.problems = compose(draft, None)
        for problem in self.problems:
            if problem.is_error:
                self.add_error(field_of(problem, draft.mode), in_words(problem))
            else:
                self.warnings.append(problem)

    @property
    def draft_mode(self) -> str:
        return str(self["mode"].value() or TemplateMode.HTML)


def field_of(problem: Problem, mode: str) -> str:
    """The form field that a problem of the compiler belongs to."""
    if problem.field == "text":
        return "body" if mode == TemplateMode.PLAIN else "text_body"
    return problem.field if problem.field in COMPOSITION_FIELDS else "body"


def in_words(problem: Problem) -> str:
    if problem.line is None:
        return str(problem)
    return _("Line %(line)s: %(problem)s") % {"line": problem.line, "problem": problem}


def shown_problems(problems: list[Problem], mode: str) -> list[dict[str, Any]]:
    """What campaigns/template_problems.html shows."""
    return [{"problem": one, "words": in_words(one), "field": field_of(one, mode)} for one in problems]
