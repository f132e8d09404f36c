"""The first form of tokens: still read, because it stands in mails that were sent, and never written again.

The idea of RFC 5297 with other parts: an HMAC-SHA-256 tag over the numbers, cut to 128 bits, then the numbers XORed
with a key stream made from that tag.
"""

import hashlib
import hmac

from campaigns.tracking.packing import TAG


class FirstForm:
    """Reads what one key wrote for one purpose."""

    __slots__ = ("_stream_key", "_tag_key")

    def __init__(self, key: str, word: str) -> None:
        self._tag_key = _hmac(key.encode(), b"herald/token/tag/" + word.encode())
        self._stream_key = _hmac(key.encode(), b"herald/token/stream/" + word.encode())

    def read(self, raw: bytes) -> bytes | None:
        """The packed numbers, or None when this key did not write the token."""
        tag, hidden = raw[:TAG], raw[TAG:]
        packed = _xor(hidden, _hmac(self._stream_key, tag))
        return packed if hmac.compare_digest(_hmac(self._tag_key, packed)[:TAG], tag) else None


def _hmac(key: bytes, message: bytes) -> bytes:
    # A key longer than a block is hashed first by HMAC itself (RFC 2104 §2).
    return hmac.digest(key, message, hashlib.sha256)


def _xor(data: bytes, stream: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, stream, strict=False))
