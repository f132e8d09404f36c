"""Signed tokens for links in mails: a few row numbers that only Herald can write, and only Herald can read.

A token is deterministic authenticated encryption, AES-SIV (RFC 5297) with a 256-bit key for each purpose: a tag of 128
bits, then the encrypted numbers. So a token neither shows nor orders the rows behind it, the same link is the same text
in every copy of a mail, and a token of one purpose is noise for every other. No Django, no clock, no random numbers.

Five of them go into every mail, so what does not depend on the numbers is prepared: `Signer.sealer`.
"""

import hmac
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from enum import Enum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from campaigns.tracking.packing import (
    TO_URL,
    BadToken,
    from_text,
    in_base64,
    in_hex,
    packed_number,
    unpack,
)
from campaigns.tracking.signing_first import FirstForm

__all__ = ["BadToken", "Purpose", "Seal", "Signer"]

Seal = Callable[[bytes], str]  # packed row numbers → token


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
        self.encode = in_hex if self.case_blind else in_base64


class Signer:
    """Writes and reads tokens with some keys (text of any length): the first signs, every one of them verifies."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("At least one key is needed, and none may be empty.")
        self._ciphers = {purpose.word: [_cipher(key, purpose) for key in keys] for purpose in Purpose}
        self._first_forms = {purpose.word: [FirstForm(key, purpose.word) for key in keys] for purpose in Purpose}
        self._sealers = {purpose.word: _sealer(self._ciphers[purpose.word][0], purpose) for purpose in Purpose}

    def make(self, purpose: Purpose, *numbers: int) -> str:
        """Raises ValueError for a wrong count of numbers, or one that is negative or has more than 63 bits."""
        if len(numbers) != purpose.count:
            raise ValueError(f"{purpose.name} takes {purpose.count} numbers.")
        return self._sealers[purpose.word](b"".join(map(packed_number, numbers)))

    def sealer(self, purpose: Purpose) -> Seal:
        """What `make` does behind packing, for whoever makes thousands: the count of numbers is in their hands."""
        return self._sealers[purpose.word]

    def read(self, purpose: Purpose, token: str) -> tuple[int, ...]:
        """The numbers of a token made for this purpose with any of the keys. Raises BadToken."""
        numbers = unpack(self._packed(purpose, from_text(token, purpose.encode)))
        if len(numbers) != purpose.count:
            raise BadToken
        return numbers

    def _packed(self, purpose: Purpose, raw: bytes) -> bytes:
        for cipher in self._ciphers[purpose.word]:
            try:
                return cipher.decrypt(raw, None)
            except InvalidTag:
                continue
        for first_form in self._first_forms[purpose.word]:
            if (packed := first_form.read(raw)) is not None:
                return packed
        raise BadToken


def _cipher(key: str, purpose: Purpose) -> AESSIV:
    return AESSIV(hmac.digest(key.encode(), b"herald/token/siv/" + purpose.word.encode(), "sha512"))


def _sealer(cipher: AESSIV, purpose: Purpose) -> Seal:
    encrypt, encode = cipher.encrypt, purpose.encode
    if encode is in_base64:  # nearly all: written out here, without another call
        return lambda packed: b2a_base64(encrypt(packed, None), newline=False).translate(TO_URL, b"=").decode()
    return lambda packed: encode(encrypt(packed, None))
