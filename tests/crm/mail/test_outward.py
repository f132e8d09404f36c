"""What an administrator types as the address of a provider never makes Herald ask inside its own network."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from crm.mail import outward
from crm.mail.api.answers import no_answer, unreachable
from crm.mail.oauth import OAuthClient, OAuthRefused, refresh
from crm.mail.smtp_protocol import Phase, Trouble
from crm.mail.verdict import AccountOutcome, ItemOutcome, verdict


class Inside:
    """A program of this machine that nobody should ask through Herald. `asked` are the paths it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.leads_to = ""
        inside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                inside.asked.append(self.path)
                self.send_response(302 if inside.leads_to else 200)
                if inside.leads_to:
                    self.send_header("Location", inside.leads_to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_HEAD = do_GET

            def log_message(self, *_told: object) -> None:
                return None

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.http.server_port
        threading.Thread(target=self.http.serve_forever, args=[0.05], daemon=True).start()


@pytest.fixture
def inside() -> Iterator[Inside]:
    made = Inside()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "100.100.100.200", "168.63.129.16", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00:ec2::254",
     "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a00:1::", "192.0.0.9", "192.0.0.192", "::808:808",
     "::ffff:192.0.0.10", "::ffff:0:808:808", "64:ff9b:1::808:808", "fec0::1", "5f00::1", "3fff::1"],
)  # fmt: skip
def test_inward(address: str) -> None:
    assert outward.is_inward(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "142.250.0.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_outward(address: str) -> None:
    assert not outward.is_inward(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_nothing_inside_is_asked_however_it_is_written(inside: Inside, host: str) -> None:
    """Names, and numbers in all the forms that the C library takes for an address."""
    with outward.session() as session, pytest.raises(requests.RequestException) as refused:
        session.get(f"http://{host}:{inside.port}/metadata")
    assert any(map(outward.is_refused, outward.causes(refused.value))) and not inside.asked


def test_a_redirect_inward_is_not_followed(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outward, "is_inward", lambda address: address != "127.0.0.1")  # for once that is outside
    inside.leads_to = f"http://127.0.0.2:{inside.port}/metadata"
    with outward.session() as session, pytest.raises(requests.ConnectionError) as refused:
        session.get(f"http://127.0.0.1:{inside.port}/start")
    assert any(map(outward.is_refused, outward.causes(refused.value))) and inside.asked == ["/start"]


def test_a_name_that_stands_for_another_address_a_moment_later(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer was harmless. The peer is looked at before a single octet is written."""
    answers = iter(["93.184.215.14"])
    resolve = socket.getaddrinfo

    def rebinding(host: str, *told: object, **named: object) -> object:
        return resolve(next(answers, "127.0.0.1"), *told, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with outward.session() as session, pytest.raises(requests.ConnectionError) as refused:
        session.get(f"http://api.example.com:{inside.port}/metadata", timeout=5)
    assert any(map(outward.is_refused, outward.causes(refused.value))) and not inside.asked


def test_a_proxy_is_not_asked_for_it_either(inside: Inside) -> None:
    proxies = {"http": f"http://127.0.0.1:{inside.port}"}
    with outward.session() as session:
        with pytest.raises(requests.RequestException, match="169.254.169.254"):
            session.get("http://169.254.169.254/latest/", proxies=proxies)
        session.get("http://1.1.1.1/outside", proxies=proxies)  # the proxy itself may stand inside
    assert inside.asked == ["http://1.1.1.1/outside"]


def test_it_is_trouble_of_the_account_that_needs_a_person(inside: Inside) -> None:
    with outward.session() as session, pytest.raises(requests.RequestException) as refused:
        session.get(f"http://127.0.0.1:{inside.port}/")
    for attempt in (no_answer(refused.value), unreachable(refused.value)):
        assert (attempt.phase, attempt.trouble) == (Phase.CONNECT, Trouble.CONFIGURATION)
        assert "127.0.0.1" in attempt.error and verdict(attempt).account is AccountOutcome.PAUSE
        assert verdict(attempt).item is ItemOutcome.PENDING


def test_no_token_is_asked_for_inside(inside: Inside) -> None:
    with pytest.raises(OAuthRefused, match="inward"):
        refresh(OAuthClient("client", "secret-canary", f"http://127.0.0.1:{inside.port}/"), "refresh-canary")
    assert not inside.asked
