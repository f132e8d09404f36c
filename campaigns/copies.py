"""A sent mail as somebody in the house looks at it: nothing that they load or follow in it counts for its recipient."""

import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from campaigns.models import Link
from campaigns.tracking.tokens import BadToken, Purpose, read
from crm.models import Settings

_PURPOSES = {
    "t": Purpose.CLICK, "o": Purpose.OPEN, "u": Purpose.OPT_OUT, "p": Purpose.PREFERENCES, "v": Purpose.WEB_VERSION
}  # fmt: skip
# As campaigns.tracking.links writes them, and percent-encoded where an author put one into another address. Whatever
# the site was called when the mail went out: it is the token that tells that a URL is ours.
_OURS = re.compile(
    r"(?:https?(?::|%3A)(?:/|%2F){2}[^\s\"'<>?#&]{1,200}?)?(?P<slash>/|%2F)(?P<kind>[toupv])(?P=slash)"
    r"(?P<token>[A-Za-z0-9_-]{20,120})(?:\.gif)?",
    re.IGNORECASE,
)

Escape = Callable[[str], str]


def nowhere() -> str:
    """Where opt-out links of previews lead: a page that says that the link is none."""
    return f"{Settings.load().base_url}/u/preview"


def inert_html(html: str) -> str:
    """`html` with tracking URLs that lead straight to their targets, opt-out links that lead nowhere, and no pixel."""
    return _inert(html, escape)


def inert_text(text: str) -> str:
    """The same for the text of a mail."""
    return _inert(text, str)


def _inert(written: str, written_as: Escape) -> str:
    instead = nowhere()

    def harmless(found: re.Match[str]) -> str:
        kind = found["kind"].lower()
        try:
            numbers = read(_PURPOSES[kind], found["token"])
        except BadToken:
            return found[0]
        if kind == "o":
            return ""
        url = (_target(numbers[1]) if kind == "t" else "") or instead
        return quote(url, safe="") if found["slash"] != "/" else written_as(url)

    return _OURS.sub(harmless, written)


def _target(link_id: int) -> str:
    """Where a tracking URL led when the mail was sent; "" for one that shows a message, or that is gone."""
    return Link.objects.filter(pk=link_id).values_list("url", flat=True).first() or ""
