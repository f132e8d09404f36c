"""Tokens with the keys of this installation (HERALD_TOKEN_KEYS: the first signs, all of them verify)."""

from functools import lru_cache

from django.conf import settings

from campaigns.tracking.signing import BadToken, Purpose, Seal, Signer

__all__ = ["BadToken", "Purpose", "make", "read", "sealer"]


@lru_cache(maxsize=8)
def _signer_with(keys: tuple[str, ...]) -> Signer:
    return Signer(keys)


def _signer() -> Signer:
    return _signer_with(tuple(settings.HERALD_TOKEN_KEYS))


def make(purpose: Purpose, *numbers: int) -> str:
    """The token for some row numbers. Raises ValueError for numbers that do not fit the purpose."""
    return _signer().make(purpose, *numbers)


def sealer(purpose: Purpose) -> Seal:
    """What makes tokens out of packed numbers, to be kept for a portion of mails and not for ever."""
    return _signer().sealer(purpose)


def read(purpose: Purpose, token: str) -> tuple[int, ...]:
    """The row numbers of a token. Raises BadToken for everything that was not made here for this purpose."""
    return _signer().read(purpose, token)
