"""A template as a real person will see it."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from campaigns.composing import compose
from campaigns.content.content import Content, render, used_names
from campaigns.content.problems import Problem
from campaigns.models import Campaign, TrackingUrl
from campaigns.models.template import Composition
from campaigns.people import DatePlaceholders, Person, PersonValues, References, Values, language_of, person_of
from crm.models import Record, Settings


@dataclass(frozen=True, slots=True)
class Preview:
    """`html` is a whole document for a sandboxed frame, '' for a plain-text template."""

    subject: str
    preview_text: str
    html: str
    text: str
    problems: list[Problem]


def preview(
    composition: Composition, campaign: Campaign | None, record: Record | None, worst_case: bool = False
) -> Preview:
    """Rendered for `record`; without one, or in the worst case, for somebody of whom only the address is known."""
    content, problems = compose(composition, campaign)
    settings = Settings.load()
    shown = None if worst_case else record
    address = shown.email_address.address if shown and shown.email_address else "someone@example.com"
    person = person_of(shown, address, language_of(shown, settings))
    values = sample_values(person, campaign, content, settings)
    return Preview(
        subject=render(content.subject, values),
        preview_text=composition.preview_text,
        html=render(content.html, values) if content.html else "",
        text=render(content.text, values),
        problems=problems,
    )


def sample_values(
    person: Person, campaign: Campaign | None, content: Content, settings: Settings, at: datetime | None = None
) -> Values:
    """Values for looking at: tracking URLs lead straight to their targets, opt-out links nowhere. `at`: None is now."""
    nowhere = f"{settings.base_url}/u/preview"
    extra = dict(DatePlaceholders(at or timezone.now()).in_language(person.language))
    extra |= {
        "campaign.name": campaign.name if campaign else "",
        "senderAddress": settings.postal_address,
        "optOutUrl": nowhere,
        "preferencesUrl": nowhere,
        "webVersionUrl": nowhere,
        "openPixelUrl": "",
    }
    for code, url in TrackingUrl.objects.filter(code__in=content.links).values_list("code", "url"):
        extra[f"trackingUrl:{code}"] = url or nowhere
    references = References(used_names(content))
    references.load([person.record] if person.record else [])
    return PersonValues(person, references, extra)


# What a mail says about dark mode applies whatever the reader's own theme is; a mail that says nothing is turned over
# the way some mail programs do it. An approximation, and called one.
_DARK_RULE = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)
_TURNED_OVER = (
    "<style>html{background:#fff;filter:invert(.92) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}</style>"
)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width:0)", "(max-width:0)"
_LIGHT = "<style>:root{color-scheme:only light!important}</style>"  # also where the mail says that it has both


def in_the_light(html: str) -> str:
    """The mail as a reader in light mode sees it, whatever the theme of the page or of the reader's computer."""
    shown = _SCHEME.sub(lambda found: _ALWAYS if found[1].lower() == "light" else _NEVER, html)
    return _with_style(shown, _LIGHT) if "color-scheme" in shown.lower() else shown


def in_the_dark(html: str) -> str:
    """The mail as a reader in dark mode is likely to see it."""
    if _DARK_RULE.search(html):
        return _DARK_RULE.sub("@media all", html)
    return _with_style(html, _TURNED_OVER)


def _with_style(html: str, style: str) -> str:
    head, mark, rest = html.partition("</head>")
    return f"{head}{style}{mark}{rest}" if mark else style + html
