"""The campaign log as a table for spreadsheets, however long it is."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.forms.log import LogFilterForm
from campaigns.log_search import matching
from campaigns.log_words import detail_in_words
from campaigns.models import Action, Campaign, MassEmail, TrackingUrl
from campaigns.models.log import Bounce
from crm.exports import Column, Table, Value, register
from crm.models import Record, User

LOG = "campaign_log"


def log_columns() -> list[Column]:
    return [
        Column("at", _("Date"), ("at",)),
        Column("action", _("Action"), ("action",), _actions),
        Column("name", _("Name"), ("record_id",), _names_of(Record)),
        Column("address", _("Email Address"), ("address",)),
        Column("mass_email", _("Mass Email"), ("mass_email_id",), _names_of(MassEmail)),
        Column("tracking_url", _("Tracking URL"), ("tracking_url_id",), _names_of(TrackingUrl)),
        Column("bounce", _("Bounce"), ("bounce",), _bounces),
        Column("data", _("Data"), ("detail", "action", "is_machine"), _details),
        Column("machine", _("Machine"), ("is_machine",), _yes),
    ]


def _names_of(model: type[Model]) -> Any:
    """One query for the names behind the ids of a batch; what is removed has none."""

    def names(pks: Sequence[int | None]) -> list[Value]:
        known = dict(model._default_manager.filter(pk__in={pk for pk in pks if pk}).values_list("pk", "name"))
        return [known.get(pk, "") for pk in pks]

    return names


def _actions(values: Sequence[int]) -> Iterable[Value]:
    labels = {action.value: str(action.label) for action in Action}
    return [labels[value] for value in values]


def _bounces(values: Sequence[str]) -> Iterable[Value]:
    labels = {kind.value: str(kind.label) for kind in Bounce}
    return [labels.get(value, value) for value in values]


def _details(values: Sequence[tuple[str, int, bool]]) -> Iterable[Value]:
    return [detail_in_words(detail, action, is_machine) for detail, action, is_machine in values]


def _yes(values: Sequence[bool]) -> Iterable[Value]:
    yes = str(_("yes"))
    return [yes if value else "" for value in values]


def open_log(user: User, given: dict[str, Any]) -> Table:
    """{"campaign": pk, "query": the query string of the log}; everybody who may read the log may keep it."""
    campaign = Campaign.objects.get(pk=given["campaign"])
    rows = matching(campaign, LogFilterForm(QueryDict(given["query"]), campaign=campaign).wanted())
    back = reverse("campaigns:log", args=[campaign.pk])
    trail = [(_("Campaigns"), reverse("campaigns:list")), (campaign.name, campaign.get_absolute_url())]
    name = f"{campaign.name} {_('Log')}"
    return Table(name, rows, log_columns(), "log.exported", back, about=campaign, trail=trail, part=_("Log"))


register(LOG, open_log)
