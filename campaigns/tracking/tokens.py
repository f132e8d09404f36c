"""Tokens with the keys of this installation (HERALD_TOKEN_KEYS: the first signs, all of them verify)."""

from functools import lru_cache

from django.conf import settings

from campaigns.tracking.signing import BadToken, Purpose, Signer

__all__ = ["BadToken", "Purpose", "make", "read"]


@lru_cache(maxsize=8)
def _signer(keys: tuple[str, ...]) -> Signer:
    return Signer(keys)


def make(purpose: Purpose, *numbers: int) -> str:
    """The token for some row numbers. Raises ValueError for numbers that do not fit the purpose."""
    return _signer(tuple(settings.HERALD_TOKEN_KEYS)).make(purpose, *numbers)


def read(purpose: Purpose, token: str) -> tuple[int, ...]:
    """The row numbers of a token. Raises BadToken for everything that was not made here for this purpose."""
    return _signer(tuple(settings.HERALD_TOKEN_KEYS)).read(purpose, token)
