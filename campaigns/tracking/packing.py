"""A token's inside and outside: row numbers as octets, octets as the text that stands in a link."""

import base64
import binascii
from collections.abc import Callable, Sequence
from functools import lru_cache

TAG = 16  # octets: 128 bits
MAX_PACKED = 32  # octets: three numbers of 63 bits fit
MAX_TOKEN = 120  # characters; longer ones are refused before any work is done

TO_URL = bytes.maketrans(b"+/", b"-_")

Encode = Callable[[bytes], str]


class BadToken(ValueError):
    """Not one of our tokens, or not for this purpose. Says nothing about why."""


def pack(numbers: Sequence[int]) -> bytes:
    """Variable-length integers (LEB128), one after the other. Raises ValueError for one that no row can have."""
    return b"".join(map(packed_number, numbers))


@lru_cache(maxsize=8192)
def packed_number(number: int) -> bytes:
    """One of them. Cached, since a mail has several tokens with the same item; and its upper part is cached too, since
    neighbouring items share it."""
    if not 0 <= number < 1 << 63:
        raise ValueError("Only numbers from 0 to 63 bits can be packed.")
    if number > 0x7F:
        return bytes((number & 0x7F | 0x80,)) + packed_number(number >> 7)
    return bytes((number,))


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


def in_base64(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(TO_URL, b"=").decode()


def in_hex(raw: bytes) -> str:
    return raw.hex()


def from_text(token: str, encode: Encode) -> bytes:
    """Exactly one text stands for one token: other spellings of the same octets are refused. Raises BadToken."""
    if len(token) > MAX_TOKEN or not token.isascii():
        raise BadToken
    text = token.lower() if encode is in_hex else token
    try:
        raw = bytes.fromhex(text) if encode is in_hex else base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:  # binascii.Error is one
        raise BadToken from error
    if not TAG < len(raw) <= TAG + MAX_PACKED or encode(raw) != text:
        raise BadToken
    return raw
