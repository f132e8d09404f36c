"""The texts and the look of the recipient pages: what may be changed, and what a page says in the end.

A text of one's own may say `{address}`, `{lists}`, `{company}` or `{contact}`. Where a page does not know what a text
wants to say (links work for ever, rows do not), the standard text of Herald stands instead: no recipient ever reads a
sentence with a hole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.colours import BLACK, WHITE, for_dark_pages, mixed
from campaigns.models import RecipientPages
from crm.audit import audit
from crm.models import Settings, User

PLACEHOLDERS = ("address", "lists", "company", "contact")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """One text of one page. `key` is stored; `standard` is what Herald says without a text of one's own."""

    page: str
    key: str
    label: str | Promise
    standard: str | Promise
    is_long: bool = False


PAGES: dict[str, str | Promise] = {
    "opt_out": _("Before: the question"),
    "opted_out": _("After: unsubscribed"),
    "preferences": _("Preferences, subscribed again"),
    "bad_link": _("A link that does not work"),
    "message": _("On every page"),
}
WORDINGS = (
    Wording("opt_out", "opt_out_title", _("Title"), _("Unsubscribe")),
    Wording("opt_out", "opt_out_text", _("Text"), _("You will no longer get marketing email from us."), True),
    Wording("opt_out", "opt_out_button", pgettext_lazy("words on it", "Button"), _("Unsubscribe")),
    Wording("opted_out", "opted_out_title", _("Title"), _("You have been unsubscribed")),
    Wording("opted_out", "opted_out_text", _("Text"), _("You no longer get marketing email from us."), True),
    Wording("opted_out", "opted_out_button", pgettext_lazy("words on it", "Button"), _("Subscribe again")),
    Wording("preferences", "preferences_title", _("Title"), _("Email preferences")),
    Wording("preferences", "subscribed_title", _("Title after Subscribe again"), _("You are subscribed again")),
    Wording("bad_link", "bad_link_title", _("Title"), _("This link does not work")),
    Wording(
        "bad_link", "bad_link_text", _("Text"),
        _("It may have been cut off or changed on its way. Open the email again and use the whole link."), True,
    ),
    Wording("message", "footer", _("Small print"), "", True),
)  # fmt: skip


def unknown_placeholders(text: str) -> list[str]:
    """What stands in braces and means nothing here."""
    return [name for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]


def said(texts: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Key → finished text, of those texts whose placeholders all have a value. Values are put in once."""
    known = {name: value for name, value in values.items() if value}
    return {
        key: _PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), text)
        for key, text in texts.items()
        if text and all(name in known for name in _PLACEHOLDER.findall(text) if name in PLACEHOLDERS)
    }


def own_texts(pages: RecipientPages, language: str) -> dict[str, str]:
    """Key → text as the administrator wrote it."""
    found: dict[str, str] = pages.texts.get(language, {})
    return found


def save_texts(language: str, texts: Mapping[str, str], user: User) -> None:
    """In place of all texts of that language; empty ones are the standard again."""
    with transaction.atomic():
        pages = _locked()
        before = own_texts(pages, language)
        after = {key: text for key, text in texts.items() if text}
        pages.texts = {**pages.texts, language: after}
        pages.save(update_fields=["texts", "changed_at"])
        changed = {key: [before.get(key, ""), after.get(key, "")] for key in {*before, *after}}
        differing = {key: pair for key, pair in sorted(changed.items()) if pair[0] != pair[1]}
        audit(user, "recipient_pages.texts", pages, language=language, **differing)


def save_look(accent: str, user: User, logo: tuple[str, bytes] | None = None) -> None:
    """The colour ("#rrggbb", or "" for the standard); `logo` is (type, octets), of which none remove it."""
    with transaction.atomic():
        pages = _locked()
        audit(user, "recipient_pages.look", pages, accent=[pages.accent, accent], logo=logo[0] if logo else "kept")
        pages.accent = accent
        if logo is not None:
            pages.logo_type, pages.logo = logo if logo[1] else ("", b"")
        pages.save(update_fields=["accent", "logo", "logo_type", "changed_at"])


def style_sheet(accent: str) -> str:
    """The colour for light and dark pages; nothing without one."""
    if not accent:
        return ""
    dark = for_dark_pages(accent)
    return (
        f":root{{--accent:{accent};--accent-hover:{mixed(accent, BLACK, 0.2)};--on-accent:{WHITE}}}"
        f"@media(prefers-color-scheme:dark){{:root{{--accent:{dark};--accent-hover:{mixed(dark, WHITE, 0.2)};"
        f"--on-accent:#14142b}}}}"
    )


def languages_with_own_texts(pages: RecipientPages) -> list[tuple[str, str, int]]:
    """(code, name, how many texts are one's own) of every language."""
    return [(code, str(name), len(own_texts(pages, code))) for code, name in settings.LANGUAGES]


def _locked() -> RecipientPages:
    RecipientPages.objects.get_or_create(settings=Settings.load())
    return RecipientPages.objects.select_for_update().get()
