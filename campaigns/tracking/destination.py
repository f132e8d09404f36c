"""Where a click leads: checked when it is saved, and here once more before anybody is sent there."""

import re
from urllib.parse import urlsplit

import markdown
import nh3
from django.utils.encoding import iri_to_uri
from django.utils.safestring import SafeString, mark_safe

# Controls, spaces and their Unicode kin would end or split the header; browsers read a backslash as a slash.
_NEVER = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
_MESSAGE_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def location(url: str) -> str:
    """The URL as a Location header says it, letter by letter where it is ASCII; "" for what no recipient is sent to."""
    stripped = url.strip(" ")
    if _NEVER.search(stripped):
        return ""
    try:
        parts = urlsplit(stripped)
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return ""
    return stripped if stripped.isascii() else iri_to_uri(stripped)


def message_html(text: str) -> SafeString:
    """A Show Message text (Markdown) as HTML without scripts, styles, images or forms."""
    raw = markdown.markdown(text, extensions=["sane_lists", "tables", "nl2br"])
    clean = nh3.clean(
        raw,
        tags=_MESSAGE_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto", "tel"},
    )
    return mark_safe(clean)
