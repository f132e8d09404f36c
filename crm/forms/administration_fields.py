"""Checks that the administration forms share."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.mail.outward import inward_address
from crm.models import parse_address

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HOST_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)


def single_line(text: str) -> None:
    """Raises ValidationError for text that would break out of its line in a mail header or a log."""
    if _CONTROL.search(text):
        raise ValidationError(_("Line breaks and control characters are not allowed here."), code="control")


def host_name(text: str) -> None:
    """Raises ValidationError unless `text` is a host name or an IP address, without port or scheme."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        labels = text.removesuffix(".").split(".")
        if len(text) > 253 or not all(map(_HOST_LABEL.fullmatch, labels)):
            raise ValidationError(
                _("This is not a host name. Write it without port, for example smtp.example.com."), code="host"
            ) from None


def site_url(text: str) -> str:
    """The URL without a slash at its end. Raises ValidationError for anything beyond scheme, host and port."""
    parts = urlsplit(text)
    try:
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise ValidationError(_("Write a full address, for example https://crm.example.com."), code="url")
    if parts.username is not None or parts.password is not None:
        raise ValidationError(_("A user name or password does not belong into the Site URL."), code="credentials")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValidationError(
            _("Only scheme, host and port: links are put behind it, so it ends after the host."), code="path"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def api_address(text: str) -> None:
    """Raises ValidationError unless secrets may travel there: https, or this very computer."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.username is not None or parts.scheme not in ("http", "https"):
        raise ValidationError(_("Write a full address, for example https://api.example.com/v3/."), code="url")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValidationError(_("Without https the key could be read on its way."), code="plain")


def outward_address(text: str) -> None:
    """Raises ValidationError for a URL that Herald would ask inside its own network. A name that nobody knows passes:
    it is looked at again whenever something is asked there."""
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return  # `api_address` says so
    if settings.HERALD_ALLOW_PRIVATE_ADDRESSES or not (address := inward_address(host)):
        return
    sentence = _(
        "%(host)s leads to %(address)s, an address inside your own network. Whoever runs Herald can allow that with "
        "HERALD_ALLOW_PRIVATE_ADDRESSES."
    )
    raise ValidationError(sentence, code="inward", params={"host": host, "address": address})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class LineField(forms.CharField):
    """Text that goes into a header: one line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(single_line)


class AddressField(forms.CharField):
    """One email address as every server accepts it; the cleaned value has its domain as A-label."""

    widget = forms.EmailInput

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        return parse_address(text)[0] if text else ""
