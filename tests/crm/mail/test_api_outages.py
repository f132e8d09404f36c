"""A provider that goes away between two messages: what never left is not uncertain."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm.mail.api.outlet import ApiConnection
from crm.mail.api.server import ApiServer
from crm.mail.smtp import Attempt, Envelope, Timeouts
from crm.mail.verdict import AccountOutcome, ItemOutcome, verdict
from tests.certificates import Authority
from tests.provider_server import DROP, Answer, ProviderServer, success

PEOPLE = ("ines@rocha.example.com", "ada@rocha.example.com", "leo@rocha.example.com")
MAIL = b"From: news@acme.example.com\r\nTo: ines@rocha.example.com\r\nSubject: Hello\r\n\r\nHello\r\n"


def stream(url: str, between: Callable[[], object]) -> list[Attempt]:
    """`between` happens after the first message. The server closes the connection after it."""

    async def run() -> list[Attempt]:
        server = ApiServer("postmark", "key", url=url, timeouts=Timeouts(connect=2, dot=5), may_be_inside=True)
        connection = await ApiConnection.open(server)
        envelopes = [(who, Envelope("bounce@acme.example.com", who, MAIL)) for who in PEOPLE]
        attempts = []
        try:
            async for _who, attempt in connection.stream(envelopes, lambda _who: None):
                attempts.append(attempt)
                between()
        finally:
            await connection.close()
        return attempts

    return asyncio.run(run())


def closing() -> Answer:
    return Answer(200, success("postmark", PEOPLE[0]).body, {"Connection": "close"})


def outcomes(attempts: list[Attempt]) -> list[tuple[ItemOutcome, AccountOutcome]]:
    return [(verdict(one).item, verdict(one).account) for one in attempts]


def test_a_name_that_is_not_found_any_more_leaves_the_rest_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_name(*_asked: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with ProviderServer("postmark") as server:
        server.on(closing())
        attempts = stream(server.url, lambda: monkeypatch.setattr(socket, "getaddrinfo", no_name))
    assert outcomes(attempts) == [
        (ItemOutcome.SENT, AccountOutcome.NONE),
        (ItemOutcome.PENDING, AccountOutcome.BACK_OFF),
    ]
    assert "name resolution" in attempts[1].error


def test_a_certificate_that_is_wrong_all_at_once_leaves_the_rest_pending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_file))
    with ProviderServer("postmark", authority.certificate("127.0.0.1")) as server:
        server.on(closing())
        attempts = stream(server.url, lambda: server.show(authority.certificate("elsewhere.example.com")))
    assert outcomes(attempts) == [
        (ItemOutcome.SENT, AccountOutcome.NONE),
        (ItemOutcome.PENDING, AccountOutcome.BACK_OFF),
    ]
    assert len(server.messages) == 1


def test_after_a_request_without_an_answer_nothing_more_goes_over_that_connection() -> None:
    with ProviderServer("postmark") as server:
        server.on(Answer(DROP))
        attempts = stream(server.url, lambda: None)
    assert outcomes(attempts) == [(ItemOutcome.UNCERTAIN, AccountOutcome.NONE)]
    assert len(server.messages) == 1
