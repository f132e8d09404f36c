"""Encryption of stored passwords (Fernet: AES-CBC with HMAC), keys outside the database, rotatable."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadable(Exception):
    """A stored secret was changed, or was encrypted with a key that is gone."""


def _keys() -> MultiFernet:
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.HERALD_ENCRYPTION_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def encrypt(plain: str) -> str:
    return _keys().encrypt(plain.encode()).decode()


def decrypt(stored: str) -> str:
    """Raises SecretUnreadable."""
    try:
        return _keys().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable("The stored password cannot be read with the encryption keys of this set-up.") from error
