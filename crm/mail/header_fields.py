"""Header fields that an account may add to every mail: which names are free, and how they are written down."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_NAME = 40  # so that an encoded word always fits behind the name of the field
MAX_FIELD = 998  # octets of the line, RFC 5322 §2.1.1

_FIELD_NAME = re.compile(rf"[!-9;-~]{{1,{MAX_NAME}}}")
_VALUE = re.compile("[ -~]+")
# What the message sets itself, and what only a mail server may add.
_FORBIDDEN = re.compile(
    r"from|sender|reply-to|to|cc|bcc|subject|date|message-id|mime-version|content-.*"
    r"|list-unsubscribe.*|list-id|feedback-id|precedence|x-auto-response-suppress"
    r"|return-path|delivered-to|received.*|resent-.*|dkim-.*|domainkey-.*|arc-.*|authentication-.*",
    re.IGNORECASE,
)


def forbidden_header(name: str) -> bool:
    """Whether ``name`` may not be set as an extra header: it is not free, or it is no name at all."""
    return not _FIELD_NAME.fullmatch(name) or bool(_FORBIDDEN.fullmatch(name))


def parse_headers(text: str) -> list[tuple[str, str]]:
    """The fields of a text with one "Name: value" per line. Raises ValidationError that names the line."""
    fields: list[tuple[str, str]] = []
    for line in filter(str.strip, text.splitlines()):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not _VALUE.fullmatch(value) or len(line) > MAX_FIELD:
            raise ValidationError(_("“%(line)s” is not of the form Name: value."), params={"line": line[:80]})
        if forbidden_header(name):
            raise ValidationError(_("The header “%(name)s” cannot be set here."), params={"name": name[:80]})
        if name.lower() in (known.lower() for known, _value in fields):
            raise ValidationError(_("The header “%(name)s” stands here twice."), params={"name": name})
        fields.append((name, value))
    return fields
