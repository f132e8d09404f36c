"""A provider's API as the client needs it, and the moment before which it wants to be left alone."""

import time
from dataclasses import dataclass, field
from typing import Any

import requests
from anymail.backends.base_requests import AnymailRequestsBackend

from crm.mail.api.providers import PROVIDERS, ApiProvider
from crm.mail.outward import guard
from crm.mail.smtp_protocol import Timeouts


class Brake:
    """Shared by the connections to one provider: who is told to wait tells the others."""

    def __init__(self) -> None:
        self._until = 0.0

    def press(self, seconds: float) -> None:
        self._until = max(self._until, time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self._until - time.monotonic())


@dataclass(frozen=True, slots=True)
class ApiServer:
    """`url` ends with a slash, and leads out of our network unless it `may_be_inside`. Of the timeouts `connect`
    counts, and `dot`: how long to wait for an answer."""

    provider: str
    key: str = field(repr=False)
    second_key: str = field(default="", repr=False)
    option: str = ""
    url: str = ""
    timeouts: Timeouts = Timeouts()
    messages_per_connection: int = 100
    may_be_inside: bool = False
    brake: Brake = field(default_factory=Brake, compare=False)

    @property
    def row(self) -> ApiProvider:
        return PROVIDERS[self.provider]

    def backend(self) -> AnymailRequestsBackend:
        """An open backend of this account alone: nothing of it comes from Django's settings."""
        row = self.row
        told: dict[str, Any] = {row.key: self.key, "api_url": self.url or row.url}
        if row.second_key:
            told[row.second_key] = self.second_key
        if row.option and self.option:
            told[row.option] = self.option
        # What a provider has no word for (metadata, tracking) is no reason not to send; headers all of them have.
        backend = row.backend(**told, ignore_unsupported_features=True)
        backend.open()
        backend.session.auth = as_it_is
        if not self.may_be_inside:
            guard(backend.session)
        return backend


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The key stands in the request already: a .netrc of the machine has no say."""
    return request
