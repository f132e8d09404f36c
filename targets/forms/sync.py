"""The form of *Sync with Reports*."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import User
from targets.models import Report, ReportKind, ReportSync, SyncMode
from targets.models.sync import MODE_HELP


class SyncForm(forms.ModelForm[ReportSync]):
    """The reports that the person may see, and those that the list follows already."""

    reports = forms.ModelMultipleChoiceField(
        Report.objects.none(), label=_("Reports"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ReportSync
        fields = ["reports", "mode", "is_automatic"]
        widgets = {"mode": forms.RadioSelect}
        help_texts = {"is_automatic": _("By the scheduled job “Sync Target Lists with Reports”.")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = list(self.instance.reports.values_list("pk", flat=True)) if self.instance.pk else []
        visible = Report.objects.visible_to(user).filter(kind=ReportKind.LIST)
        offered = Report.objects.filter(Q(pk__in=visible.values("pk")) | Q(pk__in=chosen))
        self.fields["reports"].queryset = offered.select_related("entity_type")  # type: ignore[attr-defined]
        self.initial["reports"] = chosen
        self.fields["mode"].choices = [  # type: ignore[attr-defined]
            (mode.value, f"{mode.label}. {MODE_HELP[mode]}") for mode in SyncMode
        ]
