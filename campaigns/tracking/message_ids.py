"""Our Message-IDs, ``<mass_email.item.proof@domain>``: the same for every attempt, and nobody else can write one.

The proof is a keyed hash of 48 bits, so a bounce that returns it shows that its writer had that mail in hand.
"""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

_SIZE = 6  # octets


class MessageIds:
    """Prepared for one mass email; a person costs one copy of a hash."""

    __slots__ = ("_domain", "_hash", "_mass_email")

    def __init__(self, mass_email: int, domain: str, key: str | None = None) -> None:
        """With the first of HERALD_TOKEN_KEYS unless another `key` is given."""
        secret = _secret(settings.HERALD_TOKEN_KEYS[0] if key is None else key)
        self._hash = hashlib.blake2b(b"%d." % mass_email, digest_size=_SIZE, key=secret)
        self._mass_email, self._domain = mass_email, domain

    def proof(self, item: int) -> str:
        proof = self._hash.copy()
        proof.update(b"%d" % item)
        return proof.hexdigest()

    def of(self, item: int) -> str:
        return f"<{self._mass_email}.{item}.{self.proof(item)}@{self._domain}>"


def is_ours(mass_email: int, item: int, proof: str) -> bool:
    """Whether any of our keys wrote this proof."""
    told = proof.lower().encode("utf-8", "replace")
    proofs = (MessageIds(mass_email, "", key).proof(item) for key in settings.HERALD_TOKEN_KEYS)
    return any(hmac.compare_digest(one.encode(), told) for one in proofs)


@lru_cache(maxsize=8)
def _secret(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=32, person=b"herald/msg-id").digest()
