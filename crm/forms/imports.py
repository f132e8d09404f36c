"""The forms of the import wizard: the file, and what to do with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.administration_fields import LineField
from crm.imports.destinations import NEW, destination
from crm.imports.encoding import ENCODINGS
from crm.imports.fields import FULL_NAME, ImportField
from crm.imports.plan import Dates, Mode, Plan
from crm.models import Import

DELIMITERS = [
    (",", _("Comma ,")),
    (";", _("Semicolon ;")),
    ("\t", _("Tab")),
    ("|", _("Vertical bar |")),
    ("other", _("Another…")),
]
MODES = [
    (Mode.BOTH, _("Create and update")),
    (Mode.CREATE, _("Create only")),
    (Mode.UPDATE, _("Update only")),
]
DATES = [(Dates.DAY_FIRST, _("31/12/2026")), (Dates.MONTH_FIRST, _("12/31/2026"))]
READING = ("encoding", "delimiter", "sheet", "has_header")
NO_DEFAULT = {"email", "name", "first_name", "last_name", FULL_NAME}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # said in better words by what reads it
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )


class SetupForm(forms.Form):
    """How the file is read, what its columns mean, and what becomes of its rows. Cleans to a Plan."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()), required=False)
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS, required=False)
    other_delimiter = forms.CharField(label=_("Other delimiter"), max_length=1, required=False, strip=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    has_header = forms.BooleanField(label=_("The first row names the columns"), required=False)
    dates = forms.ChoiceField(
        label=_("Dates"), choices=DATES, required=False, help_text=_("2026-12-31 is always understood.")
    )
    decimal = forms.ChoiceField(label=_("Decimal mark"), choices=[(".", "1,234.50"), (",", "1.234,50")], required=False)
    mode = forms.ChoiceField(label=_("What to do"), choices=MODES, widget=forms.RadioSelect)
    match = forms.MultipleChoiceField(
        label=_("Recognise records by"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("All of those ticked have to be the same. With none ticked, every row makes a new record."),
    )
    target_list = forms.ChoiceField(label=_("Add to target list"), required=False)
    new_list = LineField(label=_("Name of the new list"), required=False, max_length=200)

    def __init__(self, batch: Import, plan: Plan, known: Mapping[str, ImportField], data: Any = None) -> None:
        self.batch, self.plan, self.known = batch, plan, known
        super().__init__(data, initial=self._initial())
        self._choices("sheet", [(name, name) for name in batch.sheets])
        self._choices("match", [(key, one.label) for key, one in known.items() if one.can_match])
        place = destination()
        lists = place.choices() if place else []
        self._choices("target_list", [("", _("None")), (NEW, _("A new one")), *lists])
        for name in ("encoding", "delimiter", "other_delimiter") if batch.sheets else ("sheet",):
            del self.fields[name]
        self._columns()
        self._defaults()

    def _initial(self) -> dict[str, Any]:
        plan = self.plan
        is_usual = plan.delimiter in dict(DELIMITERS)
        return {
            **{name: getattr(plan, name) for name in ("encoding", "sheet", "has_header", "dates", "decimal", "mode")},
            "delimiter": plan.delimiter if is_usual else "other",
            "other_delimiter": "" if is_usual else plan.delimiter,
            "match": plan.match,
            "target_list": plan.target_list,
            "new_list": plan.new_list,
        }

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _columns(self) -> None:
        choices = [("", _("Leave out")), *((key, one.label) for key, one in self.known.items())]
        for place, label in enumerate(self.plan.labels):
            initial = self.plan.mapping[place] if place < len(self.plan.mapping) else ""
            field = forms.ChoiceField(label=label, choices=choices, required=False, initial=initial)
            self.fields[f"column_{place}"] = field

    def _defaults(self) -> None:
        """The controls of the fields themselves; what they take is kept as text, like a cell."""
        for key, one in self.known.items():
            if key not in NO_DEFAULT:
                one.control.initial = self.plan.defaults.get(key, "")
                self.fields[f"default_{key}"] = one.control

    # ---- for the template

    def columns(self) -> list[forms.BoundField]:
        return [self[f"column_{place}"] for place in range(len(self.plan.labels))]

    def reading(self) -> list[forms.BoundField]:
        names = ("encoding", "delimiter", "other_delimiter", "sheet", "dates", "decimal", "has_header")
        return [self[name] for name in names if name in self.fields]

    def defaults(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("default_")]

    # ---- cleaning

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = [key for key in self._mapping() if key]
        for key in {key for key in chosen if chosen.count(key) > 1}:
            self.add_error(None, _("Two columns fill “%(field)s”: leave one out.") % {"field": self.known[key].label})
        if not chosen:
            self.add_error(None, _("Say of at least one column what it is."))
        missing = [self.known[key].label for key in data.get("match", []) if key not in self._filled(chosen)]
        if missing:
            self.add_error("match", _("No column fills: %(fields)s.") % {"fields": ", ".join(missing)})
        if data.get("mode") == Mode.UPDATE and not data.get("match"):
            self.add_error("match", _("To update records, say what they are recognised by."))
        if data.get("target_list") == NEW and not data.get("new_list"):
            self.add_error("new_list", _("Name the new list."))
        if data.get("delimiter") == "other" and data.get("other_delimiter", "") in {"", '"', "\r", "\n", "\0"}:
            self.add_error("other_delimiter", _("Give one sign."))
        return data

    def _filled(self, chosen: list[str]) -> set[str]:
        return {*chosen, *(("first_name", "last_name") if FULL_NAME in chosen else ())}

    def _mapping(self) -> list[str]:
        return [self.cleaned_data.get(f"column_{place}", "") for place in range(len(self.plan.labels))]

    def new_plan(self) -> Plan:
        """Of a valid form."""
        data = self.cleaned_data
        return replace(
            self.reading_plan(), mapping=self._mapping(), mode=data["mode"], match=data["match"],
            defaults=self._given(), target_list=data["target_list"], new_list=data["new_list"],
        )  # fmt: skip

    def reading_plan(self) -> Plan:
        """How the file is to be read alone; of a form that need not be valid."""
        data = self.cleaned_data
        delimiter = data.get("delimiter") or self.plan.delimiter
        if delimiter == "other":
            delimiter = data.get("other_delimiter") or self.plan.delimiter
        return replace(
            self.plan, encoding=data.get("encoding") or self.plan.encoding, delimiter=delimiter,
            sheet=data.get("sheet") or self.plan.sheet, has_header=data["has_header"],
            dates=data.get("dates") or self.plan.dates, decimal=data.get("decimal") or self.plan.decimal,
        )  # fmt: skip

    def reads_otherwise(self) -> bool:
        """The columns may then be others than those that were shown."""
        new, old = self.reading_plan(), self.plan
        return any(getattr(new, name) != getattr(old, name) for name in READING)

    def carried(self, plan: Plan) -> Plan:
        """The plan after the file was read again, with what the person chose before and need not choose anew."""
        data = self.cleaned_data
        kept: dict[str, Any] = {name: data[name] for name in ("mode", "target_list", "new_list") if data.get(name)}
        for name in ("dates", "decimal"):
            if data.get(name) and data[name] != getattr(self.plan, name):
                kept[name] = data[name]
        if plan.labels == self.plan.labels:
            kept |= {"mapping": self._mapping(), "match": data.get("match", plan.match)}
        return replace(plan, defaults=self._given(), **kept)

    def _given(self) -> dict[str, str]:
        found = {}
        for key in self.known:
            name = f"default_{key}"
            if self.cleaned_data.get(name) not in (None, "", [], False):
                found[key] = "\n".join(self.data.getlist(name)).strip()  # type: ignore[attr-defined]
        return found
