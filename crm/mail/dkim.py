"""DKIM signatures (RFC 6376), with RSA (RFC 8301) or Ed25519 (RFC 8463). No Django, no network, no clock but ``time``.

What is signed: every header field that the message has when it comes here, both List-Unsubscribe fields among them, as
RFC 8058 §4 demands, but not those that belong to the transport. Fields that a reader sees or that change how the body
is read are signed once more than they occur ("oversigned"), so that nobody on the way can add a second Subject.

Header fields are canonicalised "relaxed", since relays fold them anew. The body is "simple" unless asked otherwise:
what we send is quoted-printable or base64 without blanks at line ends, which no relay has a reason to touch, and it is
hashed as it is.
"""

import re
import time
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from crm.mail.dkim_keys import PrivateKey

# Signed once more than they occur, which is once when the message has none.
OVERSIGNED = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type",
)  # fmt: skip
# What relays write, and earlier signatures (RFC 6376 §5.4).
NEVER_SIGNED = frozenset({b"received", b"return-path", b"dkim-signature", b"authentication-results", b"bcc"})

LINE = 72  # octets of a folded line of ours


class Canonical(StrEnum):
    """How the body is hashed (RFC 6376 §3.4)."""

    SIMPLE = "simple"
    RELAXED = "relaxed"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one domain with one key. ``domain`` and ``selector`` are A-labels: the key is published at
    ``selector._domainkey.domain``."""

    key: PrivateKey
    domain: str
    selector: str
    body: Canonical = Canonical.SIMPLE

    def sign(self, message: bytes, now: float | None = None) -> bytes:
        """``message`` with its signature put before it. CRLF line ends in, CRLF line ends out; 7-bit stays 7-bit.

        ``now``: seconds since 1970, which the signature tells. Raises ValueError for a message without header.
        """
        head, body = _parted(message)
        names, canonical = _relaxed_header(head)
        field = self._unsigned(names, _body_hash(body, self.body), int(time.time() if now is None else now))
        # The signature's own field is the last one signed, with an empty b= and without its line end (§3.7).
        digested = canonical + b"dkim-signature:" + field[len("DKIM-Signature: ") :].replace(b"\r\n ", b" ")
        return b"%b%b\r\n%b" % (field, _folded(b64encode(_signature(self.key, digested))), message)

    def _unsigned(self, names: tuple[bytes, ...], body_hash: bytes, now: int) -> bytes:
        """The field up to and with ``b=``."""
        algorithm = b"ed25519-sha256" if isinstance(self.key, Ed25519PrivateKey) else b"rsa-sha256"
        return b"DKIM-Signature: v=1; a=%b; c=relaxed/%b;\r\n d=%b;\r\n s=%b; t=%d;\r\n h=%b;\r\n bh=%b;\r\n b=" % (
            algorithm, self.body.encode(), self.domain.encode("ascii"), self.selector.encode("ascii"), now,
            _listed(names), body_hash,
        )  # fmt: skip


def _parted(message: bytes) -> tuple[bytes, bytes]:
    """Header, with the line end of its last field, and body."""
    if message.startswith((b"\r\n", b" ", b"\t")) or not message:
        raise ValueError("A message without a header cannot be signed.")
    end = message.find(b"\r\n\r\n")
    return (message[: end + 2], message[end + 4 :]) if end >= 0 else (message, b"")


_BLANKS = re.compile(rb"[ \t]+")


def _relaxed_header(head: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """The names signed, bottom up, as h= wants them (§5.4.2), and the fields in that order, canonicalised (§3.4.2)."""
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    if unfolded.find(b"  ") >= 0 or unfolded.find(b"\t") >= 0:  # seldom in what we write
        unfolded = _BLANKS.sub(b" ", unfolded)
    names: list[bytes] = []
    fields: list[bytes] = []
    for line in reversed(unfolded.removesuffix(b"\r\n").split(b"\r\n")):
        name, _colon, value = line.partition(b":")
        name = name.rstrip(b" ").lower()
        if name not in NEVER_SIGNED:
            names.append(name)
            fields.append(b"%b:%b\r\n" % (name, value.strip(b" ")))
    return tuple(names), b"".join(fields)


@lru_cache(maxsize=64)
def _listed(names: tuple[bytes, ...]) -> bytes:
    """The value of h=, folded: the same for every message of a mass email."""
    lines, line = [], b""
    for name in (*names, *OVERSIGNED):
        if len(line) + len(name) >= LINE:
            lines.append(line)
            line = b""
        line += name + b":"
    return b"\r\n ".join([*lines, line]).removesuffix(b":")


def _body_hash(body: bytes, canonical: Canonical) -> bytes:
    written = body if canonical is Canonical.SIMPLE else _relaxed_lines(body)
    while written.endswith(b"\r\n\r\n"):  # empty lines at the end do not count
        written = written[:-2]
    if written in (b"", b"\r\n"):  # §3.4.3 makes a line end of an empty body, §3.4.4 nothing
        written = b"\r\n" if canonical is Canonical.SIMPLE else b""
    elif not written.endswith(b"\r\n"):
        written += b"\r\n"
    return b64encode(sha256(written).digest())


def _relaxed_lines(body: bytes) -> bytes:
    return _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")


def _signature(key: PrivateKey, digested: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(sha256(digested).digest())  # RFC 8463 §3: the hash is what Ed25519 signs
    return key.sign(digested, PKCS1v15(), _SHA256)


_SHA256 = hashes.SHA256()


def _folded(encoded: bytes) -> bytes:
    return b"\r\n ".join([encoded[start : start + LINE] for start in range(0, len(encoded), LINE)])
