"""Every provider gets the whole message in its own form: a real HTTP server reads what is posted."""

import asyncio
import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigns.content.content import Content
from campaigns.sending.message import Recipient, Sender, Skeleton
from campaigns.sending.mime import Attachment
from crm.mail.api.asking import ask
from crm.mail.api.outlet import ApiConnection
from crm.mail.api.providers import PROVIDERS
from crm.mail.api.server import ApiServer
from crm.mail.smtp import Attempt, Envelope, Phase
from crm.models import Provider
from tests.provider_server import Answer, Asked, ProviderServer

OPT_OUT = "https://mail.acme.example.com/u/abcdef0123456789"
MESSAGE_ID = "12.345.abcdef012345@acme.example.com"
RETURN_PATH = "bounce+0123456789abcdef0123456789abcdef01@acme.example.com"
WITHOUT_METADATA = {"mailersend", "postal"}  # their events are matched by recipient, and by Message-ID at Postal


def envelope() -> Envelope:
    content = Content(subject=("Grüße, Ines",), text=("Plain words\n",), html=("<p>Rich wörds</p>",))
    sender = Sender("news@acme.example.com", "Acme, Inc.", reply_to_address="team@acme.example.com")
    skeleton = Skeleton(content, sender, [Attachment("prices.pdf", b"%PDF-1.4 prices", "application/pdf")])
    data = skeleton.build(
        Recipient("ines@rocha.example.com", "Inês Rocha", {}.__getitem__, MESSAGE_ID, OPT_OUT, datetime.now(UTC))
    )
    return Envelope(RETURN_PATH, "ines@rocha.example.com", b"DKIM-Signature: v=1; a=x\r\n" + data)


def sent_by(server: ProviderServer, message: Envelope) -> Attempt:
    async def run() -> Attempt:
        told = ApiServer(
            server.provider, "key-canary", "second-canary", _option(server.provider), server.url, may_be_inside=True
        )
        connection = await ApiConnection.open(told)
        try:
            return await connection.send(message, lambda: None)
        finally:
            await connection.close()

    return asyncio.run(run())


def _option(provider: str) -> str:
    return "acme.example.com" if PROVIDERS[provider].option else ""


def test_every_provider_of_the_form_is_in_the_table() -> None:
    assert set(PROVIDERS) == set(Provider.values)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
def test_a_message_arrives_whole(provider: str) -> None:
    with ProviderServer(provider) as server:
        attempt = sent_by(server, envelope())
    assert (attempt.phase, attempt.reply and attempt.reply.code) == (Phase.ACCEPTED, 250)
    (asked,) = server.messages
    text = asked.text
    for piece in ("ines@rocha.example.com", "Grüße, Ines", "Plain words", "Rich wörds", "Acme, Inc.", "Inês Rocha"):
        assert piece in text, piece
    assert "team@acme.example.com" in text
    assert f"<{OPT_OUT}>" in text and "List-Unsubscribe=One-Click" in text
    assert "prices.pdf" in text and _holds(text, b"%PDF-1.4 prices")
    assert "DKIM-Signature" not in text and "v=1; a=x" not in text
    if provider not in WITHOUT_METADATA:
        assert MESSAGE_ID in text and RETURN_PATH[:60] in text
    assert _authenticated(asked)


def _holds(text: str, content: bytes) -> bool:
    return base64.b64encode(content).decode() in text or content.decode() in text


def _authenticated(asked: Asked) -> bool:
    told = [*asked.headers.values(), asked.text]
    pairs = [base64.b64encode(pair).decode() for pair in (b"api:key-canary", b"key-canary:second-canary")]
    return any(canary in value for canary in ["key-canary", *pairs] for value in told)


@pytest.mark.parametrize("provider", [name for name, row in PROVIDERS.items() if row.question])
@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
def test_the_question_of_test_connection_carries_the_key(provider: str) -> None:
    with ProviderServer(provider) as server:
        told = ApiServer(provider, "key-canary", "second-canary", _option(provider), server.url, may_be_inside=True)
        assert ask(told)[0] is True
        server.on(Answer(401, {"message": "Unauthorized"}))
        assert ask(told) == (False, 'HTTP 401 {"message": "Unauthorized"}')
    assert all(_authenticated(asked) for asked in server.asked)
    assert len(server.asked) == 2


def test_a_name_with_quotes_stays_one_recipient() -> None:
    data = envelope().data.replace(b"Subject:", b'X-Note: "a" <b@c>\r\nSubject:', 1)
    with ProviderServer("postmark") as server:
        attempt = sent_by(server, Envelope(RETURN_PATH, "ines@rocha.example.com", data))
    assert attempt.phase is Phase.ACCEPTED
    assert server.messages[0].recipient == "ines@rocha.example.com"


def test_a_provider_that_knows_repetitions_is_told_which_mail_it_is() -> None:
    """DUTIES S21: the same for every attempt at the same queue item."""
    with ProviderServer("resend") as server:
        for _attempt in range(2):
            sent_by(server, envelope())
    assert {asked.headers["idempotency-key"] for asked in server.messages} == {MESSAGE_ID}


def test_a_netrc_of_the_machine_does_not_replace_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with ProviderServer("resend") as server:
        sent_by(server, envelope())
        ask(ApiServer("resend", "key-canary", url=server.url, may_be_inside=True))
    told = [asked.headers.get("authorization", "") for asked in server.asked]
    assert "Bearer key-canary" in told and not any("Basic" in one for one in told)
