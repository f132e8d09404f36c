"""The sandbox mail server, through its real SMTP door."""

import asyncio
import mailbox
import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage, Message
from queue import SimpleQueue

import pytest

from crm.mail.sandbox import store
from crm.mail.sandbox.behaviours import BEHAVIOURS, ORDINARY, behaviour_of
from crm.mail.sandbox.keeper import Keeper, bounces_folder, messages_folder
from crm.mail.sandbox.server import SandboxServer
from crm.mail.smtp import Attempt, Connection, Envelope, Phase, Security, Server
from crm.mail.verdict import AddressOutcome, ItemOutcome, verdict
from tests.crm.mail.conversation import DATA, deliver, stream


@pytest.fixture
def sandbox() -> Iterator[Server]:
    """A running sandbox, as an account to send through."""
    ports: SimpleQueue[int] = SimpleQueue()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def run() -> None:
        async with SandboxServer("127.0.0.1", 0, Keeper(limit=60)) as server:
            ports.put(server.port)
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    yield Server("127.0.0.1", ports.get(timeout=10), Security.NONE, ehlo_name="news.example.com")
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()
    assert not thread.is_alive()


def to(name: str, data: bytes = DATA, sender: str = "bounces+7@news.example.com") -> Envelope:
    return Envelope(sender, f"{name}@example.com", data)


def bounces() -> list[Message]:
    return list(mailbox.Maildir(bounces_folder(), create=False))


def parts(message: Message) -> list[Message]:
    return [part for part in message.get_payload() if isinstance(part, Message)]


def fate(sandbox: Server, name: str) -> Attempt:
    return deliver(sandbox, to(name))[0]


@pytest.mark.parametrize(
    ("local_part", "name"),
    [
        ("bounce-hard", "bounce-hard"),
        ("bounce-hard.17", "bounce-hard"),
        ("Bounce-Hard+x", "bounce-hard"),
        ("ana+bounce-hard", "bounce-hard"),
        ("full_9", "full"),
        ("unknown=a", "unknown"),
        ("bounce-now-2", "bounce-now"),
        ("fuller", ""),
        ("fullname", ""),
        ("ana", ""),
        ("the.slow", ""),
        ("", ""),
    ],
)
def test_behaviours_are_chosen_by_the_local_part(local_part: str, name: str) -> None:
    assert behaviour_of(f"{local_part}@any.example").name == name


def test_every_behaviour_is_found_by_its_own_name_and_described() -> None:
    assert [behaviour_of(f"{behaviour.name}@x.example") for behaviour in BEHAVIOURS] == list(BEHAVIOURS)
    assert all(str(behaviour.description) for behaviour in (*BEHAVIOURS, ORDINARY))


@pytest.mark.parametrize(
    ("name", "item", "address", "kept"),
    [
        ("ana", ItemOutcome.SENT, AddressOutcome.NONE, 1),
        ("unknown", ItemOutcome.FAILED, AddressOutcome.HARD, 0),
        ("bounce-now.3", ItemOutcome.FAILED, AddressOutcome.HARD, 0),
        ("bounce-hard", ItemOutcome.SENT, AddressOutcome.NONE, 1),
        ("bounce-soft", ItemOutcome.SENT, AddressOutcome.NONE, 1),
        ("greylist", ItemOutcome.DEFERRED, AddressOutcome.NONE, 0),
        ("full", ItemOutcome.DEFERRED, AddressOutcome.SOFT, 0),
        ("blocked", ItemOutcome.FAILED, AddressOutcome.NONE, 0),
        ("spam", ItemOutcome.FAILED, AddressOutcome.NONE, 0),
        ("busy", ItemOutcome.PENDING, AddressOutcome.NONE, 0),
        ("lost", ItemOutcome.UNCERTAIN, AddressOutcome.NONE, 1),
    ],
)
def test_what_becomes_of_a_message(
    sandbox: Server, name: str, item: ItemOutcome, address: AddressOutcome, kept: int
) -> None:
    judged = verdict(fate(sandbox, name))
    assert (judged.item, judged.address) == (item, address)
    assert store.count() == kept


def test_greylisting_lets_the_second_attempt_in(sandbox: Server) -> None:
    attempts = deliver(
        sandbox, to("greylist"), to("greylist"), to("greylist"), to("greylist", sender="other@x.example")
    )
    assert [attempt.reply.code for attempt in attempts if attempt.reply] == [451, 250, 250, 451]


def test_slow_takes_its_time(sandbox: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    loop_time: list[float] = []

    async def run() -> None:
        connection = await Connection.open(sandbox)
        loop = asyncio.get_running_loop()
        loop_time.append(loop.time())
        await connection.send(to("slow"), lambda: None)
        loop_time.append(loop.time())
        await connection.close()

    asyncio.run(run())
    assert loop_time[1] - loop_time[0] > 2.9


def test_refusals_in_the_middle_of_a_stream_disturb_nobody(sandbox: Server) -> None:
    names = ["ana", "unknown", "spam", "ben", "full", "greylist", "eva", "blocked", "blocked.2", "zoe"]
    attempts, dots = stream(sandbox, [to(name) for name in names])
    accepted = [key.partition("@")[0] for key, attempt in attempts.items() if attempt.phase is Phase.ACCEPTED]
    assert accepted == ["ana", "ben", "eva", "zoe"]
    assert len(dots) == 5  # and spam, which is refused only then
    assert store.count() == 4


@pytest.mark.parametrize(("name", "status", "code"), [("bounce-hard.17", "5.1.1", 550), ("bounce-soft", "4.2.2", 452)])
def test_a_bounce_comes_back_to_the_envelope_sender(sandbox: Server, name: str, status: str, code: int) -> None:
    deliver(
        sandbox, Envelope("b+tok.en-7@news.example.com", f"{name}@example.com", b"Message-ID: <q1@x>\r\n\r\nHi\r\n")
    )
    [bounce] = bounces()
    assert bounce["To"] == bounce["Delivered-To"] == "b+tok.en-7@news.example.com"
    assert bounce["Return-Path"] == "<>"
    assert (bounce.get_content_type(), bounce.get_param("report-type")) == ("multipart/report", "delivery-status")
    explanation, report, returned = parts(bounce)
    _, recipient = parts(report)
    assert explanation.get_content_type() == "text/plain"
    assert (recipient["Status"], recipient["Action"]) == (status, "failed")
    assert recipient["Final-Recipient"] == f"rfc822; {name}@example.com"
    assert recipient["Diagnostic-Code"].startswith(f"smtp; {code} {status}")
    assert parts(returned)[0]["Message-ID"] == "<q1@x>"
    assert bounce.defects == []


def test_of_a_long_message_only_the_headers_come_back(sandbox: Server) -> None:
    deliver(sandbox, to("bounce-hard", b"Message-ID: <q1@x>\r\n\r\n" + b"text\r\n" * 20_000))
    [bounce] = bounces()
    returned = parts(bounce)[2]
    assert returned.get_content_type() == "text/rfc822-headers"
    assert str(returned.get_payload()).split() == ["Message-ID:", "<q1@x>"]


def test_nothing_comes_back_to_the_null_sender(sandbox: Server) -> None:
    deliver(sandbox, to("bounce-hard", sender=""))
    assert store.count() == 1
    assert len(bounces()) == 0


def test_a_message_is_kept_octet_for_octet(sandbox: Server) -> None:
    data = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nFrom: Ana <ana@example.com>\r\n\r\n.dot\r\n..\r\nübér\r\n".encode()
    deliver(sandbox, to("ana", data))
    [line] = store.messages()
    assert (line.subject, line.from_header, line.recipient) == ("Grüße", "Ana <ana@example.com>", "ana@example.com")
    assert (line.sender, line.behaviour, line.size) == ("bounces+7@news.example.com", "", len(data))
    assert store.raw(line.key) == data
    assert store.read(line.key).source == data.decode().replace("\r\n", "\n")


def test_the_list_is_newest_first_in_pages_and_searchable(sandbox: Server) -> None:
    deliver(sandbox, *(to(f"ana{number}", b"Subject: Sale %d\r\n\r\n" % number) for number in range(55)))
    first, second = store.messages(), store.messages(page=2)
    assert [line.recipient for line in first][:2] == ["ana54@example.com", "ana53@example.com"]
    assert (len(first.object_list), len(second.object_list), first.paginator.count) == (50, 5, 55)
    assert [line.subject for line in store.messages("ANA7@")] == ["Sale 7"]
    assert [line.recipient for line in store.messages(" sale 54 ")] == ["ana54@example.com"]
    assert list(store.messages("nobody")) == []
    assert store.messages(page="99").number == 2
    assert store.messages(page="x").number == 1


def test_only_the_newest_are_kept_also_over_a_restart(sandbox: Server) -> None:
    deliver(sandbox, *(to(f"ana{number}") for number in range(70)))
    assert store.count() == 60
    assert store.messages("ana9@").paginator.count == 0
    assert store.messages("ana10@").paginator.count == 1
    Keeper(limit=5)
    assert [line.recipient for line in store.messages()] == [f"ana{number}@example.com" for number in range(69, 64, -1)]


def test_a_message_can_be_taken_apart(sandbox: Server) -> None:
    message = EmailMessage()
    message["Subject"] = "Отчёт — " + "длинная тема " * 10
    message["From"] = "Ана <ana@example.com>"
    message.set_content("Text ✓\n")
    message.add_alternative('<p>HTML ✓ <img src="cid:logo"></p>\n', subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="отчёт.pdf")
    message.add_attachment("a note\n", filename="note.txt")
    with smtplib.SMTP(sandbox.host, sandbox.port) as client:
        client.send_message(message, "ana@example.com", ["ben@example.com", "eva@example.com"])
    [line] = store.messages()
    stored = store.read(line.key)
    assert line.recipients == ("ben@example.com", "eva@example.com")
    assert dict(stored.headers)["Subject"] == message["Subject"].strip()
    assert (stored.text, stored.html) == ("Text ✓\n", '<p>HTML ✓ <img src="cid:logo"></p>\n')
    assert [(part.filename, part.content_type) for part in stored.parts] == [
        ("отчёт.pdf", "application/pdf"),
        ("note.txt", "text/plain"),
    ]
    part, content = store.part(line.key, 0)
    assert (part.size, content) == (4, b"%PDF")
    with pytest.raises(store.UnknownMessage):
        store.part(line.key, 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no header at all\r\n",
        b"Content-Type: text/html; charset=klingon\r\n\r\n<p>\xff</p>\r\n",
        b"Content-Type: multipart/mixed\r\n\r\n--x\r\n",
        b"Subject: =?utf-8?b?!!!?= =?nope?q?x?=\r\n\r\n",
        b"Subject: caf\xe9\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n",
        b"X: " + b"y" * 900 + b"\r\n" + b"Z: z\r\n" * 5000,
    ],
)
def test_a_broken_message_is_still_listed_and_read(sandbox: Server, data: bytes) -> None:
    attempt = deliver(sandbox, to("ana", data))[0]
    assert attempt.phase is Phase.ACCEPTED
    [line] = store.messages()
    assert store.read(line.key).summary == line


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "0" * 20 + "-00000g", "0" * 20 + "-000000", "a/b"])
def test_a_key_that_is_none_is_refused(sandbox: Server, key: str) -> None:
    with pytest.raises(store.UnknownMessage):
        store.read(key)


def test_all_can_be_deleted_while_the_server_runs(sandbox: Server) -> None:
    deliver(sandbox, to("ana"), to("ben"), to("bounce-hard"))
    assert store.delete_all() == 3
    assert (store.count(), list(store.messages())) == (0, [])
    assert len(bounces()) == 1
    deliver(sandbox, to("eva"))
    assert [line.recipient for line in store.messages()] == ["eva@example.com"]


def test_the_folder_may_be_removed_while_the_server_runs(sandbox: Server) -> None:
    for folder in ("tmp", "new", "cur"):
        (messages_folder() / folder).rmdir()
    assert list(store.messages()) == []
    assert fate(sandbox, "ana").phase is Phase.ACCEPTED
    assert store.count() == 1


def test_a_message_of_ten_megabytes_arrives(sandbox: Server) -> None:
    data = b"Subject: large\r\n\r\n" + (b"x" * 76 + b"\r\n") * 135_000
    attempt = deliver(sandbox, to("ana", data))[0]
    assert attempt.phase is Phase.ACCEPTED
    [line] = store.messages()
    assert (line.size, store.raw(line.key) == data) == (len(data), True)
