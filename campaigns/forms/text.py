"""Fields for text that ends up in mail headers, for mailboxes and for moments."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.lists.page import LONGEST_TEXT
from crm.models import User, parse_address

# Whatever ends a header line or hides in one: C0, DEL, C1, and the Unicode line ends (RFC 5322 §2.2).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LOCAL_MINUTE = "%Y-%m-%dT%H:%M"


def one_line(value: str) -> None:
    """Raises ValidationError for text that could begin a new header line or hide something in one."""
    if _CONTROL.search(value):
        raise ValidationError(_("Line breaks and control characters are not allowed here."), code="one_line")


class SearchField(forms.CharField):
    """The text to search for, as lists take it: the beginning of a long one, without NUL, which PostgreSQL refuses."""

    def to_python(self, value: Any) -> str:
        return searchable(str(value or ""))


def searchable(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST_TEXT]


class MailboxField(forms.CharField):
    """One email address as it is sent (ASCII domain); empty where the field is not required."""

    widget = forms.EmailInput

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        return parse_address(text)[0] if text else ""


class MomentField(forms.DateTimeField):
    """Date and time to the minute in the zone of the person who is signed in."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format=LOCAL_MINUTE, attrs={"type": "datetime-local"})
        super().__init__(widget=widget, input_formats=[LOCAL_MINUTE, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def prepare_value(self, value: Any) -> Any:
        moment = super().prepare_value(value)
        return moment.strftime(LOCAL_MINUTE) if hasattr(moment, "strftime") else moment


def name_of(row: Any) -> str:
    """How a choice calls a user: by the full name where there is one."""
    return str(row.get_full_name() or row.get_username()) if isinstance(row, User) else str(row)
