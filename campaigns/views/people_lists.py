"""Lists of people on their own pages: who gets a mass email or why not, and who clicked on a tracking URL."""

from collections.abc import Sequence
from functools import cache

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns.forms.log import names
from campaigns.log_search import LogFilter, matching, with_names
from campaigns.models import Action, LogRecord, MassEmail, Reason, TrackingUrl
from campaigns.views.editor import Term, people_of
from campaigns.views.long_list import LongList
from campaigns.views.pages import text_in
from crm.access import Request
from crm.entities.finding import search_records
from crm.lists import Chip, Column, Filter, Nothing
from crm.models import Record
from targets.audience import Audience

ALL = "all"


def audience_list(request: Request, audience: Audience, people: int, terms: Sequence[Term]) -> LongList:
    """`people`: how many get it; `terms`: for which reasons how many do not. A reason that holds for nobody has a chip
    while it is asked for."""
    reasons = {term.key: term.label[:1].upper() + term.label[1:] for term in terms}
    if (asked := request.GET.get("reason", "")) in Reason.values:
        reasons.setdefault(asked, str(Reason(asked).label))

    def of_query(query: QueryDict) -> "QuerySet[Record]":
        rows = people_of(audience, query.get("reason", "") if query.get("reason", "") in reasons else "")
        return search_records(rows, text_in(query)) if text_in(query) else rows

    return LongList(
        request,
        Record.objects.all(),
        label=_("Audience"),
        name="people",
        columns=[
            Column("name", _("Name"), template="campaigns/cell_audience_person.html", sort=("name",)),
            Column("type", _("Type"), lambda record: record.entity_type.singular),
            Column("state", _("State of the address"), str, "campaigns/cell_audience_address.html"),
        ],
        search=lambda rows, text: rows,  # `matching` searches
        search_hint=_("Name or email"),
        chip_key="reason",
        chips=[
            Chip(ALL, _("People who get it")),
            *(Chip(reason, label, Q(pk__gt=0)) for reason, label in reasons.items()),
        ],
        order="name",
        size=50,
        nothing=Nothing(_("Nobody here"), icon="users"),
        matching=of_query,
        counts={ALL: people, **dict.fromkeys(reasons, 0), **{term.key: term.count for term in terms}},
        with_names=list,
    )


def clickers(request: Request, tracking_url: TrackingUrl) -> LongList:
    """One row per person and mass email: the first click. Machines stand apart, in the log."""
    campaign = tracking_url.campaign

    @cache
    def mass_emails() -> list[tuple[str, str]]:
        return [(str(one.pk), one.name) for one in names(MassEmail, campaign)]

    def of_query(query: QueryDict) -> "QuerySet[LogRecord]":
        through = query.get("mass_email", "")
        return matching(campaign, LogFilter(
            action=Action.CLICKED, tracking_url_id=tracking_url.pk, q=text_in(query),
            mass_email_id=int(through) if through and through in dict(mass_emails()) else None,
        ))  # fmt: skip

    return LongList(
        request,
        LogRecord.objects.all(),
        label=_("People who clicked"),
        name="people",
        columns=_columns_of_clicks(),
        search=lambda rows, text: rows,  # `matching` searches
        search_hint=_("Name or email"),
        filters=[Filter("mass_email", _("Mass Email"), lambda rows, pk: rows, mass_emails)],
        kept_as="people-who-clicked",
        not_kept=("mass_email",),
        order="-at",
        nothing=Nothing(
            _("Nobody has clicked yet"),
            _("Insert its code in an email template. Who follows the link is shown here, with when and through which "
              "mass email."),
            "link",
        ),
        matching=of_query,
        counts={},
        with_names=with_names,
    )  # fmt: skip


def _columns_of_clicks() -> list[Column]:
    return [
        Column("target", _("Target"), lambda row: row.event.address, "campaigns/cell_log_person.html"),
        Column("mass_email", _("Mass Email"), lambda row: row.mass_email, "campaigns/cell_through.html"),
        Column("at", _("Date"), lambda row: row.event.at, "includes/cell_when.html", ("id",), "nowrap muted"),
        Column("address", _("Email Address"), lambda row: row.event.address, look="wide", is_optional=True),
    ]
