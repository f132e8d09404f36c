"""What to export, as what."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.exports import Table
from crm.models import ExportFormat


class ExportForm(forms.Form):
    """No column ticked means all of them: so a download by one click needs no list of columns."""

    format = forms.ChoiceField(
        label=_("Format"), choices=ExportFormat.choices, initial=ExportFormat.XLSX, widget=forms.RadioSelect
    )
    columns = forms.MultipleChoiceField(label=_("Columns"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, table: Table) -> None:
        super().__init__(data)
        columns = self.fields["columns"]
        assert isinstance(columns, forms.MultipleChoiceField)
        columns.choices = [(column.key, column.label) for column in table.columns]
        columns.initial = [column.key for column in table.columns]
