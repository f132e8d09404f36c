"""The keys of DKIM signatures: made, read from PEM, written as the TXT record that publishes them. No Django."""

import re
from base64 import b64encode
from enum import StrEnum
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

PrivateKey: TypeAlias = RSAPrivateKey | Ed25519PrivateKey

RSA_BITS = 2048
MOST_BITS = 4096  # RFC 8301 §3.2: verifiers need not know longer ones
CHUNK = 255  # octets of one string of a TXT record, RFC 1035 §3.3


class Algorithm(StrEnum):
    RSA = "rsa"
    ED25519 = "ed25519"


class UnusableKey(ValueError):
    """What was given is no private key that DKIM can sign with; ``why`` is a word for the reason."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def new_key(algorithm: Algorithm) -> PrivateKey:
    if algorithm is Algorithm.ED25519:
        return Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def key_from_pem(pem: str) -> PrivateKey:
    """Raises UnusableKey with "encrypted", "unreadable", "kind" or "size"."""
    try:
        key = load_pem_private_key(pem.strip().encode(), password=None)
    except TypeError as error:
        raise UnusableKey("encrypted") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey("unreadable") from error
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise UnusableKey("kind")
    if isinstance(key, RSAPrivateKey) and not RSA_BITS <= key.key_size <= MOST_BITS:
        raise UnusableKey("size")
    return key


def stored_key(pem: str) -> PrivateKey:
    """A key that ``key_from_pem`` or ``new_key`` gave before: its arithmetic need not be proved again, which takes
    longer than a hundred signatures. Raises ValueError."""
    key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey | Ed25519PrivateKey)
    return key


def pem_of(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def algorithm_of(key: PrivateKey) -> Algorithm:
    return Algorithm.ED25519 if isinstance(key, Ed25519PrivateKey) else Algorithm.RSA


def public_text(key: PrivateKey) -> str:
    """The p= of the record, in base64: for RSA the SubjectPublicKeyInfo (RFC 6376 §3.6.1), for Ed25519 the bare 32
    octets (RFC 8463 §4)."""
    public = key.public_key()
    if isinstance(key, Ed25519PrivateKey):
        return b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def record_name(domain: str, selector: str) -> str:
    return f"{selector}._domainkey.{domain}"


def record_text(algorithm: Algorithm, public: str) -> str:
    """What to publish there as TXT."""
    return f"v=DKIM1; k={algorithm.value}; p={public}"


def record_strings(text: str) -> list[str]:
    """The text in pieces that fit into the strings of a TXT record: name servers' files want them apart."""
    return [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]


def record_tags(text: str) -> dict[str, str]:
    """The tags of a published record (RFC 6376 §3.2), blanks within their values left out."""
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip(): re.sub(r"\s+", "", value) for name, _equals, value in pairs}
