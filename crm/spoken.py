"""The language of what processes write of their own accord and people read later: why something stopped or failed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import translation

from crm.models import Settings


@contextmanager
def in_language_of_settings() -> Iterator[None]:
    """Around work that nobody waits for. Mails are not concerned: each is in the language of its recipient."""
    with translation.override(Settings.load().language):
        yield
