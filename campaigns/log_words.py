"""The detail of an event of the log, stored as a code, in the language of who looks."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.bounces.words import reason_in_words
from campaigns.models import Action
from campaigns.tracking.machine import IMAGE_PROXIES, SCANNERS
from crm.addresses.why_words import CHANNELS

ENTIRELY = ", entirely"
PROVED: dict[str, str | Promise] = {
    "Proved by its bounce": gettext_lazy("Proved by its bounce"),
    "Proved by a complaint": gettext_lazy("Proved by a complaint"),
    "Proved by the recipient's reaction": gettext_lazy("Proved by the recipient's reaction"),
}
# What `campaigns.tracking.machine` answers.
MACHINES: dict[str, str | Promise] = {
    "prefetch": gettext_lazy("Loaded in advance"),
    "no_user_agent": gettext_lazy("A program that does not say its name"),
    "robot": gettext_lazy("A program, no browser"),
    "headless": gettext_lazy("A program, no browser"),
    "scanner": gettext_lazy("Link scanner"),
    "apple_proxy": gettext_lazy("Image proxy"),
    "burst": gettext_lazy("Several links at the same moment"),
    "too_soon": gettext_lazy("Within seconds of the sending"),
    "no_language": gettext_lazy("Without a language, which every browser names"),
}
NAMES = {
    "trend_micro": "Trend Micro", "virustotal": "VirusTotal", "safelinks": "Safe Links", "google_proxy": "Google",
    "yahoo_proxy": "Yahoo", "privacy_proxy": "DuckDuckGo", "apple_proxy": "Apple",
}  # fmt: skip
_REVERTED = re.compile(r"Reverted by (.+?)( · .*)?", re.DOTALL)


def detail_in_words(detail: str, action: int, is_machine: bool) -> str:
    """ "" where there is nothing to say beyond the action itself; what people and servers wrote stays as it is."""
    if is_machine:
        return _machine(detail)
    match action:
        case Action.OPTED_OUT | Action.OPTED_IN:
            return _channel(detail)
        case Action.BOUNCED:
            return _bounce(detail)
        case Action.SENT:
            return str(PROVED.get(detail, detail))
    return detail


def reverted_by(name: str) -> str:
    """What is stored when a bounce is reverted."""
    return f"Reverted by {name}"


def _machine(code: str) -> str:
    if code.isalpha() and code.upper() in {"HEAD", "POST", "OPTIONS", "PUT", "PROPFIND"}:
        return _("A program that only asked")
    if code in IMAGE_PROXIES.values() or code == "apple_proxy":
        return f"{MACHINES['apple_proxy']}: {NAMES.get(code, code)}"
    if code in SCANNERS.values() and code not in MACHINES:
        return f"{MACHINES['scanner']}: {NAMES.get(code, code.capitalize())}"
    return str(MACHINES.get(code, code))


def _channel(detail: str) -> str:
    """An opt-out by the page of the mail is what everybody expects: it says nothing."""
    how, entirely = detail.removesuffix(ENTIRELY), detail.endswith(ENTIRELY)
    channel, _colon, reason = how.partition(": ")
    words = [str(CHANNELS.get(channel, channel))] if channel != "page" else []
    words += [reason_in_words(reason)] if reason else []
    return " · ".join([*words, *([_("Opt-Out Entirely")] if entirely else [])])


def _bounce(detail: str) -> str:
    found = _REVERTED.fullmatch(detail)
    return _("Reverted by %(name)s") % {"name": found[1]} + (found[2] or "") if found else detail
