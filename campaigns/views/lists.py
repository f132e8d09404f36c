"""The four lists: campaigns, mass emails, email templates, tracking URLs."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from campaigns.lifecycle import with_may_retry
from campaigns.list_criteria import campaign_fields, mass_email_fields, template_fields, tracking_url_fields
from campaigns.models import (
    Campaign,
    CampaignStatus,
    CampaignType,
    EmailTemplate,
    MassEmail,
    MassEmailStatus,
    TemplateStatus,
    TrackingAction,
    TrackingUrl,
)
from campaigns.opens import with_opens_on
from crm.access import Request, reader
from crm.lists import Chip, Column, Filter, ListPage, Nothing, Text
from crm.models import User

WHEN, MOMENT = "includes/cell_when.html", "includes/cell_moment.html"
STATUS, NUMBER = "includes/cell_status.html", "includes/cell_number.html"


def _may(request: Request, nothing: Nothing) -> Nothing:
    """Who cannot create is not offered to."""
    return nothing if request.user.can_edit else Nothing(nothing.title, nothing.text, nothing.icon)


def _is(field: str) -> Callable[[Any, str], Any]:
    return lambda rows, value: rows.filter(**{field: value})


def _owners() -> Iterable[tuple[str, Text]]:
    users = User.objects.filter(is_active=True).order_by("first_name", "username")
    return [(str(user.pk), user.get_full_name() or user.username) for user in users]


def _newest_campaigns() -> Iterable[tuple[str, Text]]:
    return [(str(pk), name) for pk, name in Campaign.objects.order_by("-id").values_list("pk", "name")[:200]]


def _of_mass_emails(aggregate: Sum | Min, where: Q | None = None) -> Subquery:
    """One figure of each campaign's mass emails. A subquery, so that counting the campaigns does not compute it."""
    rows = MassEmail.objects.filter(where or Q(), campaign=OuterRef("pk")).order_by().values("campaign")
    return Subquery(rows.annotate(figure=aggregate).values("figure"))


def with_figures(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    return with_opens_on(rows).annotate(
        sent=Coalesce(_of_mass_emails(Sum("sent_count")), 0),
        opened=Coalesce(_of_mass_emails(Sum("opened_count")), 0),
        clicked=Coalesce(_of_mass_emails(Sum("clicked_count")), 0),
        next_start=_of_mass_emails(Min("start_at"), Q(status=MassEmailStatus.PENDING)),
    )


CAMPAIGN_COLUMNS = (
    Column("name", _("Name"), sort=("name",), template="campaigns/cell_campaign.html"),
    Column("status", _("Status"), sort=("status",), template=STATUS),
    Column("start_date", _("Dates"), sort=("start_date",), template="campaigns/cell_dates.html"),
    Column("sent", _("Sent"), sort=("sent",), template=NUMBER, look="num"),
    Column("opened", _("Opened"), template="campaigns/cell_share.html", look="num"),
    Column("clicked", _("Clicked"), template="campaigns/cell_share.html", look="num"),
    Column("next_start", _("Next send"), sort=("next_start",), template=MOMENT, look="nowrap muted"),
)


@reader
@require_safe
def campaign_list(request: Request) -> HttpResponse:
    page = ListPage(
        request,
        with_figures(Campaign.objects.all()),
        label=_("Campaigns"),
        kept_as="campaigns",
        criteria=campaign_fields,
        columns=CAMPAIGN_COLUMNS,
        search=lambda rows, text: rows.filter(Q(name__icontains=text) | Q(description__icontains=text)),
        search_hint=_("Name or description"),
        chips=[
            Chip("all", _("All")),
            Chip("active", _("Active"), Q(status=CampaignStatus.ACTIVE)),
            Chip("planning", _("Planning"), Q(status=CampaignStatus.PLANNING)),
            Chip("complete", _("Complete"), Q(status=CampaignStatus.COMPLETE)),
            Chip("mine", _("Only My"), Q(assigned_user=request.user)),
        ],
        filters=[
            Filter("type", _("Type"), _is("type"), lambda: CampaignType.choices),
            Filter("status", _("Status"), _is("status"), lambda: CampaignStatus.choices),
            Filter("owner", _("Assigned User"), _is("assigned_user_id"), _owners),
        ],
        row_menu="campaigns/campaign_row_menu.html",
        nothing=_may(
            request,
            Nothing(
                _("No campaign yet"),
                _("A campaign holds the mass emails, the tracking URLs and the log of one purpose, such as a launch."),
                "speakerphone", reverse("campaigns:new"), _("Create Campaign"),
            ),
        ),
    )  # fmt: skip
    return page.render("campaigns/campaign_list.html")


OF_CAMPAIGN = Column("campaign", _("Campaign"), sort=("campaign__name",), template="campaigns/cell_of_campaign.html")
MASS_EMAIL_COLUMNS = (
    Column("name", _("Name"), sort=("name",), template="campaigns/cell_mass_email.html"),
    OF_CAMPAIGN,
    Column("status", _("Status"), sort=("status",), template="campaigns/cell_mass_email_status.html"),
    Column("start_at", _("Date Start"), sort=("start_at",), template=MOMENT, look="nowrap"),
    Column("sent_count", _("Progress"), sort=("sent_count",), template="campaigns/cell_progress.html"),
    Column("opened_count", _("Opened"), template="campaigns/cell_opened.html", look="num"),
    Column("clicked_count", _("Clicked"), template="campaigns/cell_clicked.html", look="num"),
)


@reader
@require_safe
def mass_email_list(request: Request) -> HttpResponse:
    page = ListPage(
        request,
        with_may_retry(with_opens_on(MassEmail.objects.select_related("campaign", "template"))),
        label=_("Mass Emails"),
        kept_as="mass-emails",
        criteria=mass_email_fields,
        columns=MASS_EMAIL_COLUMNS,
        search=lambda rows, text: rows.filter(Q(name__icontains=text) | Q(campaign__name__icontains=text)),
        search_hint=_("Name or campaign"),
        chips=[
            Chip("all", _("All")),
            Chip("draft", _("Draft"), Q(status=MassEmailStatus.DRAFT)),
            Chip("active", _("Active"), Q(status__in=[MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS])),
            Chip("complete", _("Complete"), Q(status=MassEmailStatus.COMPLETE)),
        ],
        filters=[
            Filter("status", _("Status"), _is("status"), lambda: MassEmailStatus.choices),
            Filter("campaign", _("Campaign"), _is("campaign_id"), _newest_campaigns),
        ],
        row_menu="campaigns/mass_email_row_menu.html",
        nothing=_may(
            request,
            Nothing(
                _("No mass email yet"),
                _("A mass email sends one email template to the people of target lists, once."),
                "mail-fast", reverse("campaigns:mass_email_start"), _("Create Mass Email"),
            ),
        ),
    )  # fmt: skip
    return page.render("campaigns/mass_email_list.html")


TEMPLATE_COLUMNS = (
    Column("name", _("Name"), sort=("name",), template="campaigns/cell_template.html"),
    Column("status", _("Status"), sort=("status",), template=STATUS),
    Column("category", _("Category"), sort=("category",)),
    Column("used", _("Used"), sort=("used",), template=NUMBER, look="num"),
    Column("modified_at", _("Modified At"), sort=("modified_at",), template=WHEN, look="nowrap muted"),
)


def templates_of(request: Request, **shape: Any) -> ListPage[EmailTemplate]:
    """What the list and the gallery have in common; `shape` is what only one of them has."""
    categories = EmailTemplate.objects.exclude(category="").order_by("category").values_list("category", flat=True)
    return ListPage(
        request,
        EmailTemplate.objects.defer("body", "text_body").select_related("assigned_user").annotate(
            used=Count("mass_emails")
        ),
        label=_("Email Templates"),
        columns=TEMPLATE_COLUMNS,
        search=lambda rows, text: rows.filter(Q(name__icontains=text) | Q(subject__icontains=text)),
        search_hint=_("Name or subject"),
        chips=[
            Chip("active", _("Active"), Q(status=TemplateStatus.ACTIVE)),
            Chip("all", _("All")),
            Chip("one-off", _("One-off"), Q(is_one_off=True)),
            Chip("mine", _("Only My"), Q(assigned_user=request.user)),
        ],
        filters=[
            Filter(
                "category", _("Category"), _is("category"),
                lambda: [(category, category) for category in categories.distinct()],
            ),
        ],
        order="name",
        nothing=_may(
            request,
            Nothing(
                _("No email template yet"),
                _("A template is the email: subject, body, placeholders. Begin with a starter or your own HTML."),
                "template", reverse("campaigns:template_new"), _("Create Email Template"),
            ),
        ),
        **shape,
    )  # fmt: skip


@reader
@require_safe
def template_list(request: Request) -> HttpResponse:
    page = templates_of(
        request, kept_as="email-templates", criteria=template_fields, row_menu="campaigns/template_row_menu.html",
        beside="campaigns/template_gallery_link.html",
    )  # fmt: skip
    return page.render("campaigns/template_list.html")


TRACKING_URL_COLUMNS = (
    Column("name", _("Name"), sort=("name",), template="campaigns/cell_tracking_url.html"),
    OF_CAMPAIGN,
    Column("placeholder", _("Code to insert instead of URL"), template="campaigns/cell_code.html", look="wide"),
    Column("click_count", _("Clicks"), sort=("click_count",), template=NUMBER, look="num"),
    Column("people_count", _("People"), sort=("people_count",), template=NUMBER, look="num"),
    Column("created_at", _("Created At"), sort=("created_at",), template=WHEN, look="nowrap muted"),
)


@reader
@require_safe
def tracking_url_list(request: Request) -> HttpResponse:
    page = ListPage(
        request,
        TrackingUrl.objects.select_related("campaign"),
        label=_("Tracking URLs"),
        kept_as="tracking-urls",
        criteria=tracking_url_fields,
        columns=TRACKING_URL_COLUMNS,
        search=lambda rows, text: rows.filter(
            Q(name__icontains=text) | Q(url__icontains=text) | Q(code=text.removeprefix("{trackingUrl:").rstrip("}"))
        ),
        search_hint=_("Name, URL or code"),
        filters=[
            Filter("campaign", _("Campaign"), _is("campaign_id"), _newest_campaigns),
            Filter("action", _("Action"), _is("action"), lambda: TrackingAction.choices),
        ],
        row_menu="campaigns/tracking_url_row_menu.html",
        order="-created_at",
        nothing=_may(
            request,
            Nothing(
                _("No tracking URL yet"),
                _("A link whose clicks are logged: insert its code in an email template instead of the URL."),
                "link", reverse("campaigns:tracking_url_start"), _("Create Tracking URL"),
            ),
        ),
    )  # fmt: skip
    return page.render("campaigns/tracking_url_list.html")
