"""What the mass email editor shows beside its form: the arithmetic, the forecast, the preview, the checks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy

from campaigns.checks import Check
from campaigns.forms.mass_emails import MassEmailForm
from campaigns.models import Campaign, EmailTemplate, MassEmail, Reason
from campaigns.preview import Preview, preview
from campaigns.progress import Forecast, forecast
from campaigns.sender import stands_in, written
from campaigns.sending.freeze import CannotStart, account_of, from_of
from crm.entities.finding import search_records
from crm.models import EmailAccount, Record, Settings
from crm.models.entities import RecordQuerySet
from targets.audience import Audience, AudienceCounts
from targets.models import Membership

MOST_PEOPLE_OFFERED = 20


@dataclass(frozen=True, slots=True)
class Term:
    """One number of the arithmetic and the page with the people behind it; `key` is the reason."""

    key: str
    label: str
    count: int
    url: str


def audience_for(campaign: Campaign, list_ids: Iterable[int], excluding_ids: Iterable[int]) -> Audience:
    return Audience(list(list_ids), list(excluding_ids), campaign.is_informational)


def people_of(audience: Audience, reason: str = "") -> RecordQuerySet:
    """The records behind one number, with what a table shows of them."""
    return cast(RecordQuerySet, audience.records(reason)).for_list()


def subtractions(counts: AudienceCounts) -> dict[str, int]:
    """Reason → people, in the order of the arithmetic."""
    return {
        Reason.EXCLUDED: counts.excluded, Reason.OPTED_OUT: counts.opted_out,
        Reason.OPTED_OUT_OF_LISTS: counts.opted_out_of_lists, Reason.INVALID: counts.invalid,
        Reason.NO_ADDRESS: counts.no_address, Reason.DUPLICATE: counts.duplicates,
    }  # fmt: skip


SHORT_WORDS = {
    Reason.EXCLUDED: gettext_lazy("excluded"), Reason.OPTED_OUT: gettext_lazy("opted out"),
    Reason.OPTED_OUT_OF_LISTS: gettext_lazy("opted out of the lists"), Reason.INVALID: gettext_lazy("invalid"),
    Reason.NO_ADDRESS: gettext_lazy("without address"), Reason.DUPLICATE: gettext_lazy("duplicates"),
    Reason.CANCELED: gettext_lazy("canceled"),
}  # fmt: skip


def terms_of(people: Mapping[str, int], door: str) -> list[Term]:
    """The reasons that anybody was left out for. `door` is the URL that takes `&reason=`."""
    in_order = [reason for reason in Reason if people.get(reason)]
    return [
        Term(reason, str(SHORT_WORDS.get(reason, reason.label)), people[reason], f"{door}&reason={reason.value}")
        for reason in in_order
    ]


def door_of(campaign: Campaign, list_ids: Iterable[int], excluding_ids: Iterable[int]) -> str:
    """The page with the people of these lists; takes `&reason=`."""
    query = [("target_lists", pk) for pk in list_ids] + [("excluding_target_lists", pk) for pk in excluding_ids]
    return f"{reverse('campaigns:audience', args=[campaign.pk])}?{urlencode([('people', 1), *query])}"


def arithmetic(
    campaign: Campaign, list_ids: list[int], excluding_ids: list[int], start_at: datetime | None,
    account: EmailAccount | None,
) -> dict[str, Any]:  # fmt: skip
    """Context of campaigns/arithmetic.html."""
    audience = audience_for(campaign, list_ids, excluding_ids)
    counts = audience.counts()
    door = door_of(campaign, list_ids, excluding_ids)
    expected: Forecast | None = forecast(counts.people, start_at, account) if counts.people else None
    return {
        "counts": counts,
        "opted_out": audience.opted_out_of(counts),
        "entries": entries_of([*list_ids, *excluding_ids]),
        "terms": terms_of(subtractions(counts), door),
        "door": door,
        "forecast": expected,
        "start_at": start_at,
    }


def entries_of(list_ids: list[int]) -> dict[int, int]:
    """List id → how many are on it, for the names of the chosen lists."""
    rows = Membership.objects.filter(target_list_id__in=list_ids).order_by().values_list("target_list_id")
    return dict(rows.annotate(n=Count("pk")))


@dataclass(frozen=True, slots=True)
class Viewed:
    """The preview panel: whom it shows, who else can be chosen, and the rendered mail."""

    template: EmailTemplate | None
    person: Record | None
    people: list[Record]
    is_worst_case: bool
    mail: Preview | None
    document_url: str
    previous_id: int | None
    next_id: int | None
    searched: str


def viewed(
    campaign: Campaign, template: EmailTemplate | None, list_ids: list[int], person_id: int | None, worst: bool,
    text: str = "",
) -> Viewed:  # fmt: skip
    """`person_id` None: the first of the lists. `text` narrows the people offered to those it finds."""
    members = _members(list_ids)
    found = search_records(members, text) if text else members
    people = list(found[:MOST_PEOPLE_OFFERED])
    person = members.filter(pk=person_id).first() if person_id else next(iter(people), None) or members.first()
    if person and person not in people:
        people.insert(0, person)
    mail = preview(template, campaign, person, worst_case=worst) if template else None
    query = {"template": template.pk if template else "", "record": person.pk if person else ""}
    query |= {"worst": "1"} if worst else {}
    document = f"{reverse('campaigns:preview_document', args=[campaign.pk])}?{urlencode(query)}"
    before = members.filter(pk__lt=person.pk).order_by("-pk").values_list("pk", flat=True).first() if person else None
    after = members.filter(pk__gt=person.pk).values_list("pk", flat=True).first() if person else None
    return Viewed(template, person, people, worst, mail, document, before, after, text)


def _members(list_ids: list[int]) -> Any:
    """People of the lists who can get mail, in a fixed order: near enough to the audience, and fast on any size."""
    listed = Membership.objects.filter(target_list_id__in=list_ids, record=OuterRef("pk"), opted_out_at=None)
    rows = Record.objects.filter(Exists(listed), email_address__isnull=False)
    mailable = rows.filter(email_address__opted_out_at=None, email_address__invalid_at=None)
    return mailable.for_list().order_by("pk")


def chosen_in(form: MassEmailForm, name: str) -> list[int]:
    """Ids chosen in a multiple choice, whether the form is fresh, valid or full of errors."""
    values = form[name].value() or []
    return [int(getattr(value, "pk", value)) for value in values if str(getattr(value, "pk", value)).isdigit()]


def template_in(form: MassEmailForm) -> EmailTemplate | None:
    value = form["template"].value()
    return EmailTemplate.objects.filter(pk=value).first() if str(value).isdigit() else None


def ready(checks: list[Check]) -> dict[str, Any]:
    """Context of campaigns/ready_checks.html."""
    count = {state: sum(1 for check in checks if check.state == state) for state in ("error", "warning")}
    return {"checks": checks, "ready": {"errors": count["error"], "warnings": count["warning"]}}


def sender_of(mass_email: MassEmail) -> str:
    """From, as the mail will say it."""
    try:
        account = account_of(mass_email)
    except CannotStart:
        return mass_email.from_address
    return written(from_of(mass_email, account, Settings.load()))


def sender_name(from_name: str, account_id: object) -> str:
    """Who the inbox shows: From Name, else what stands in for it with the account of this id (as a form gives it)."""
    chosen = EmailAccount.objects.filter(pk=str(account_id)).first() if str(account_id).isdecimal() else None
    name, address = stands_in(chosen or EmailAccount.objects.system(), chosen is not None, Settings.load())
    return from_name or name or address


def editor_context(form: MassEmailForm, campaign: Campaign, mass_email: MassEmail | None) -> dict[str, Any]:
    lists, excluding = chosen_in(form, "target_lists"), chosen_in(form, "excluding_target_lists")
    start = getattr(form, "cleaned_data", {}).get("start_at") if form.is_bound else form.initial.get("start_at")
    account = mass_email.account if mass_email else None
    return {
        "form": form,
        "campaign": campaign,
        "mass_email": mass_email,
        **arithmetic(campaign, lists, excluding, start, account),
        "viewed": viewed(campaign, template_in(form), lists, None, worst=False),
        "sender_name": sender_name(form["from_name"].value() or "", form["account"].value()),
    }
