"""Signed tokens for links in mails: a few row numbers that only Herald can write, and only Herald can read.

A token is deterministic authenticated encryption in the manner of RFC 5297 (SIV): an HMAC-SHA-256 tag over the purpose
and the packed numbers, cut to 128 bits, then the numbers XORed with a key stream made from that tag. So a token neither
shows nor orders the rows behind it, the same link is the same text in every copy of a mail, and a token of one purpose
is noise for every other. Pure: no Django, no clock, no random numbers.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from enum import Enum

TAG = 16  # octets: 128 bits
MAX_PACKED = 32  # octets of key stream that one SHA-256 gives: three numbers of 63 bits fit
MAX_TOKEN = 120  # characters; longer ones are refused before any work is done

_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class BadToken(ValueError):
    """Not one of our tokens, or not for this purpose. Says nothing about why."""


class Purpose(Enum):
    """What a token is good for, and how many numbers it carries."""

    CLICK = ("click", 2)  # queue item, link
    OPEN = ("open", 1)  # queue item
    OPT_OUT = ("opt-out", 2)  # queue item, email address
    RESUBSCRIBE = ("resubscribe", 2)  # queue item, email address
    PREFERENCES = ("preferences", 2)  # queue item, email address
    WEB_VERSION = ("web-version", 1)  # queue item
    BOUNCE = ("bounce", 1)  # queue item; stands in an envelope address

    def __init__(self, word: str, count: int) -> None:
        self.word = word
        self.count = count
        # Relays may change the case of a local part, so tokens for addresses are written in hexadecimal.
        self.case_blind = word == "bounce"


class _Mac:
    """HMAC-SHA-256 (RFC 2104) from two prepared hash states: half the cost of the general one for short messages."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        padded = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def __call__(self, message: bytes) -> bytes:
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


class Signer:
    """Writes and reads tokens with some keys (text of any length): the first signs, every one of them verifies."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("At least one key is needed, and none may be empty.")
        self._pairs = {purpose: [_pair(key, purpose) for key in keys] for purpose in Purpose}

    def make(self, purpose: Purpose, *numbers: int) -> str:
        """Raises ValueError for a wrong count of numbers, a negative one, or more than 32 octets of them."""
        if len(numbers) != purpose.count:
            raise ValueError(f"{purpose.name} takes {purpose.count} numbers.")
        packed = pack(numbers)
        if len(packed) > MAX_PACKED:
            raise ValueError("These numbers are too large for a token.")
        tag_mac, stream_mac = self._pairs[purpose][0]
        tag = tag_mac(packed)[:TAG]
        return _encode(tag + _xor(packed, stream_mac(tag)), purpose)

    def read(self, purpose: Purpose, token: str) -> tuple[int, ...]:
        """The numbers of a token made for this purpose with any of the keys. Raises BadToken."""
        raw = _decode(token, purpose)
        tag, hidden = raw[:TAG], raw[TAG:]
        for tag_mac, stream_mac in self._pairs[purpose]:
            packed = _xor(hidden, stream_mac(tag))
            if hmac.compare_digest(tag_mac(packed)[:TAG], tag):
                return _numbers(packed, purpose)
        raise BadToken


def _pair(key: str, purpose: Purpose) -> tuple[_Mac, _Mac]:
    """The two keys of one purpose, for the tag and for the stream, derived from one secret."""
    derive = _Mac(key.encode())
    return (
        _Mac(derive(b"herald/token/tag/" + purpose.word.encode())),
        _Mac(derive(b"herald/token/stream/" + purpose.word.encode())),
    )


def _xor(data: bytes, stream: bytes) -> bytes:
    size = len(data)
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream[:size], "big")).to_bytes(size, "big")


def _encode(raw: bytes, purpose: Purpose) -> str:
    if purpose.case_blind:
        return raw.hex()
    text = binascii.b2a_base64(raw, newline=False)
    return text.translate(_TO_URL, b"=").decode()


_TO_URL = bytes.maketrans(b"+/", b"-_")


def _decode(token: str, purpose: Purpose) -> bytes:
    """Exactly one text stands for one token: other spellings of the same octets are refused."""
    if len(token) > MAX_TOKEN or not token.isascii():
        raise BadToken
    text = token.lower() if purpose.case_blind else token
    try:
        raw = bytes.fromhex(text) if purpose.case_blind else base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:  # binascii.Error is one
        raise BadToken from error
    if not TAG < len(raw) <= TAG + MAX_PACKED or _encode(raw, purpose) != text:
        raise BadToken
    return raw


def _numbers(packed: bytes, purpose: Purpose) -> tuple[int, ...]:
    numbers = unpack(packed)
    if len(numbers) != purpose.count:
        raise BadToken
    return numbers


def pack(numbers: Sequence[int]) -> bytes:
    """Variable-length integers (LEB128), one after the other. Raises ValueError for a negative number."""
    packed = bytearray()
    for number in numbers:
        if number < 0:
            raise ValueError("Only numbers from 0 up can be packed.")
        while number > 0x7F:
            packed.append(number & 0x7F | 0x80)
            number >>= 7
        packed.append(number)
    return bytes(packed)


def unpack(packed: bytes) -> tuple[int, ...]:
    """The reverse of `pack`. Raises BadToken when the last number is not complete."""
    numbers: list[int] = []
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number = shift = 0
    if shift:
        raise BadToken
    return tuple(numbers)
