"""One address, checked and in the form that goes on the wire (RFC 5321 §4.1.2 and §4.5.3.1)."""

import re
from functools import lru_cache

import idna

from campaigns.sending.errors import MessageError

MAX_LOCAL = 64
MAX_ADDRESS = 254  # the path of 256 octets less its angle brackets; it bounds the domain (255) too

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# Dot-atoms only. Quoted local parts, routes, groups, comments and address literals are legal and never a person's
# address in a CRM; what they are is a way to smuggle a second recipient in.
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?:{_LABEL}\.)+(?=[A-Za-z0-9-]*[A-Za-z]){_LABEL}")
# What nearly every address looks like, and short enough for every limit: found in half the time.
_USUAL = re.compile(
    r"(?=.{6,64}\Z)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}"
).fullmatch
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")


def ascii_address(address: str) -> str:
    """``address`` with its domain as A-labels, fit for RCPT and for a header.

    Raises MessageError for anything but exactly one mailbox: two addresses, over-long parts, blanks, control
    characters, and a non-ASCII local part, which would need SMTPUTF8 (RFC 6531) all the way to the mailbox.
    """
    if _USUAL(address):
        return address
    if not address.isascii():
        address = _with_ascii_domain(address)
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise MessageError(f"Not one email address: {address[:80]!a}")
    if len(match["local"]) > MAX_LOCAL or len(address) > MAX_ADDRESS:
        raise MessageError(f"The email address is too long: {address[:80]!a}")
    return address


@lru_cache(maxsize=256)
def ascii_domain(domain: str) -> str:
    """``domain`` as A-labels. Raises MessageError unless it is a full name with a dot (so never "localhost")."""
    encoded = domain if domain.isascii() else _a_labels(domain)
    if _DOMAIN.fullmatch(encoded) is None or len(encoded) > 253:
        raise MessageError(f"Not a full domain name: {domain[:80]!a}")
    return encoded


def _with_ascii_domain(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    if not local.isascii():
        raise MessageError(f"Non-ASCII characters before the @ are not supported: {address[:80]!a}")
    return f"{local}@{_a_labels(domain)}"


def _a_labels(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise MessageError(f"Not a domain name: {domain[:80]!a}") from error
