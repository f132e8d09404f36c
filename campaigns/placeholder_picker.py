"""What authors can insert: placeholders by entity type, and tracking URLs by campaign and name."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from campaigns.content.placeholders import PERSON_FIELDS, SYSTEM_NAMES, TRACKING_PREFIX
from campaigns.models import TrackingUrl
from campaigns.people import COMMON_NAMES, schema
from crm.entities.forms import has_account
from crm.entities.placeholders import computed_placeholders
from crm.entities.words import label_of
from crm.models import EntityField, EntityType

MOST_TRACKING_URLS = 200
_PERSON_ORDER = ("firstName", "lastName", "name", "salutationName", "emailAddress")


@dataclass(frozen=True, slots=True)
class Choice:
    """Text to insert, and how people call it."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    choices: list[Choice]


def placeholder_groups() -> list[Group]:
    """Person, every entity type with its own fields, and the names that are the same for everybody."""
    person = [Choice(f"{{Person.{name}}}", _words(name)) for name in _PERSON_ORDER if name in PERSON_FIELDS]
    person += [Choice(f"{{Person.{one.name}}}", str(one.label)) for one in computed_placeholders() if not one.types]
    system = [Choice(f"{{{name}}}", _system_words(name)) for name in sorted(SYSTEM_NAMES)]
    return [Group(_("Person"), person), *_types(), Group(_("General"), system)]


def _types() -> list[Group]:
    fields: dict[int, list[EntityField]] = {}
    for field in EntityField.objects.all():
        fields.setdefault(field.entity_type_id, []).append(field)
    groups = []
    for kind in EntityType.objects.all():
        common = [Choice(f"{{{kind.key}.{name}}}", _words(name)) for name in COMMON_NAMES]
        own = [Choice(f"{{{kind.key}.{field.name}}}", label_of(field)) for field in fields.get(kind.pk, ())]
        own += [
            Choice(f"{{{kind.key}.{one.name}}}", str(one.label))
            for one in computed_placeholders()
            if one.is_of(kind.key)
        ]
        account = [] if not has_account(kind) else [Choice(f"{{{kind.key}.account.name}}", _("Account name"))]
        groups.append(Group(kind.singular, [*common, *own, *account]))
    return groups


def tracking_url_groups() -> list[Group]:
    """The newest tracking URLs, by campaign."""
    groups: dict[int, Group] = {}
    for url in TrackingUrl.objects.select_related("campaign").order_by("-campaign_id", "id")[:MOST_TRACKING_URLS]:
        group = groups.setdefault(url.campaign_id, Group(url.campaign.name, []))
        group.choices.append(Choice(url.placeholder, url.name))
    return list(groups.values())


def completions() -> dict[str, Any]:
    """For the code editor: `choices` that complete what is typed, and `known`, every name that means something."""
    groups = [(True, group) for group in tracking_url_groups()] + [(False, group) for group in placeholder_groups()]
    choices = [
        {
            "code": choice.code,
            "label": choice.label,
            "group": {"label": group.label, "tracking": tracking, "rank": rank},
        }
        for rank, (tracking, group) in enumerate(groups)
        for choice in group.choices
    ]
    return {"choices": choices, "known": sorted(_known())}


def _known() -> set[str]:
    known = schema()
    fields = {f"{owner}.{name}" for owner, names in known.fields.items() for name in names}
    codes = {f"{TRACKING_PREFIX}{code}" for code in TrackingUrl.objects.values_list("code", flat=True)}
    return fields | codes | known.system


def _words(name: str) -> str:
    known = {
        "name": _("Name"), "firstName": _("First name"), "lastName": _("Last name"), "salutation": _("Salutation"),
        "salutationName": _("Salutation"), "emailAddress": _("Email Address"), "phone": _("Phone"),
        "phoneNumber": _("Phone"), "description": _("Description"), "assignedUserName": _("Assigned User"),
    }  # fmt: skip
    return known.get(name, name)


def _system_words(name: str) -> str:
    known = {
        "today": _("Today"), "now": _("Date and time of sending"), "currentYear": _("Current year"),
        "campaign.name": _("Name of the campaign"), "optOutUrl": _("Opt-out URL"), "optOutLink": _("Opt-out link"),
        "preferencesUrl": _("Preferences URL"), "webVersionUrl": _("View in browser URL"),
        "senderAddress": _("Postal address of the sender"),
    }  # fmt: skip
    return known.get(name, name)
