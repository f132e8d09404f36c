import pytest

from campaigns.bounces.judging import Testimony as Told
from campaigns.bounces.judging import judge
from campaigns.bounces.phrases import TABLE, row_of
from campaigns.bounces.phrasing import phrases, plain, speaks
from campaigns.bounces.verdicts import DEAD, Kind, Reason

GONE = [
    "550 5.1.1 <ann@shop.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking",
    "550 5.4.1 Recipient address rejected: Access denied. [mx.outlook.example]",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@shop.example not found by SMTP address lookup",
    "550 Requested action not taken: mailbox unavailable (S2017062302)",
    "554 delivery error: dd This user doesn't have a yahoo.com account (ann@yahoo.com) [0]",
    "550 No such user!",
    "550 Invalid Recipient - https://community.mail.example/docs#550",
    "550 5.1.1 <ann@shop.example>... User unknown",
    "User ann (ann@shop.example) not listed in Domino Directory",
    "550 sorry, no mailbox here by that name (#5.1.1)",
    "550 #5.1.0 Address rejected.",
    "550 Mailbox not found. http://service.mail.qq.com/help",
    "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]",
    "550 Utilisateur inconnu",
    "L'adresse de messagerie référencée ci-dessus n'existe pas",
    "550 Benutzer unbekannt",
    "Das Postfach ann@shop.example existiert nicht",
    "550 El usuario no existe",
    "La dirección de correo no existe",
    "550 Caixa postal não existe",
    "L'indirizzo non esiste",
    "550 Пользователь не найден",
    "Такого адреса не существует",
    "用户不存在",
    "收件人邮箱地址不存在",
    "宛先不明",
    "メールアドレスが見つかりません",
    "550 5.1.2 Host unknown (Name server: shop.example: host not found)",
    "Host or domain name not found. Name service error for name=shop.example type=AAAA: Host not found",
    "550 5.1.6 recipient no longer on server: ann@shop.example",
    "Domain shop.example does not accept mail (nullMX)",
]
NOT_THE_ADDRESS = [
    ("552 5.2.2 Mailbox full", Reason.MAILBOX_FULL),
    ("452-4.2.2 The email account that you tried to reach is over quota", Reason.MAILBOX_FULL),
    ("La boîte de réception du destinataire est pleine", Reason.MAILBOX_FULL),
    ("Das Postfach des Empfängers ist voll", Reason.MAILBOX_FULL),
    ("El buzón está lleno", Reason.MAILBOX_FULL),
    ("Почтовый ящик переполнен", Reason.MAILBOX_FULL),
    ("收件人邮箱已满", Reason.MAILBOX_FULL),
    ("メールボックスの容量を超えています", Reason.MAILBOX_FULL),
    ("552 5.3.4 Message size exceeds fixed limit", Reason.TOO_LARGE),
    ("550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", Reason.BLOCKED),
    ("550 5.1.1 <ann@shop.example>: User unknown, your IP is blacklisted", Reason.BLOCKED),
    ("554 5.7.1 This message has been blocked because it contains spam", Reason.BLOCKED),
    ("550 5.7.1 Message content rejected, UBE, id=00000", Reason.SPAM),
    ("550 Virus Detected; Content Rejected", Reason.VIRUS),
    ("550 5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy", Reason.AUTHENTICATION),
    ("554 5.7.1 <ann@shop.example>: Relay access denied", Reason.RELAYING),
    ("501 5.1.8 Sender address rejected: Domain not found", Reason.SENDER),
    ("host mx said: 550 5.7.1 user unknown (in reply to MAIL FROM command)", Reason.SENDER),
    ("550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", Reason.RESTRICTED),
    ("550 5.7.1 You are not allowed to send to this list", Reason.RESTRICTED),
    ("550-5.2.1 The email account that you tried to reach is disabled", Reason.DISABLED),
    ("550 Mailbox is frozen", Reason.DISABLED),
    ("451 4.7.1 Greylisting in action, please come back later", Reason.GREYLISTED),
    ("450 4.2.1 The user is receiving mail too quickly", Reason.RATE_LIMITED),
    ("554 5.4.6 Too many hops", Reason.LOOP),
    ("554 Email rejected due to security policies", Reason.POLICY),
    ("451 4.3.0 Error: queue file write error", Reason.SYSTEM),
    ("retry timeout exceeded", Reason.EXPIRED),
    ("connect to shop.example[192.0.2.1]:25: Connection timed out", Reason.NETWORK),
    ("Host not found, try again", Reason.NETWORK),
    ("TLS handshake failed: the certificate is not valid", Reason.NETWORK),
    ("500 5.5.1 Command not recognized", Reason.SYSTEM),
    ("Unbekannter Fehler beim Zustellen an den Benutzer", Reason.SYSTEM),
    ("550 5.7.1 <ann@shop.example>: Recipient address rejected: Your message has been deleted", Reason.POLICY),
    ("<ann@shop.example>: Remote host said: 554 INVALID GREETING", Reason.UNSPECIFIED),
]


@pytest.mark.parametrize("words", GONE)
def test_nobody_is_there(words: str) -> None:
    refusal = judge("ann@shop.example", Told(words, "5.0.0"))
    assert (refusal.kind, refusal.reason in DEAD) == (Kind.HARD, True), refusal


@pytest.mark.parametrize(("words", "reason"), NOT_THE_ADDRESS)
def test_no_fault_of_the_address(words: str, reason: Reason) -> None:
    refusal = judge("ann@shop.example", Told(words, "5.0.0"))
    assert (refusal.kind, refusal.reason) == (Kind.SOFT, reason), refusal


@pytest.mark.parametrize("code", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"])
def test_the_codes_that_are_about_the_address(code: str) -> None:
    assert judge("", Told(f"550 {code} No.", code)).kind is Kind.HARD


@pytest.mark.parametrize("subject", [*range(8)])
def test_no_other_code_costs_an_address(subject: int) -> None:
    dead = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}
    codes = {f"5.{subject}.{detail}" for detail in (*range(40), 310, 351, 606)} - dead
    assert {judge("", Told(f"550 {code} No.", code)).kind for code in codes} == {Kind.SOFT}


def test_names_of_servers_and_people_decide_nothing() -> None:
    words = "host spam-wall.quota.example[192.0.2.7] said: 550 5.1.1 <mailbox.full@virus.example>: User unknown"
    assert judge("", Told(words)).reason is Reason.USER_UNKNOWN


def test_short_phrases_are_whole_words() -> None:
    assert not speaks(phrases("dul | rbl"), plain("SMTP module had trouble, scheduled"))
    assert speaks(phrases("dul | rbl"), plain("listed in a DUL"))


def test_a_gap_is_bounded() -> None:
    assert speaks(phrases("mailbox … full"), plain("mailbox of Ann is full"))
    assert not speaks(phrases("mailbox … full"), plain(f"mailbox {'x ' * 40} full"))


def test_a_reply_of_many_lines_reads_as_one_sentence() -> None:
    assert plain("550-5.7.26 has an SPF\n550-5.7.26 record") == "has an spf record"


def test_every_row_has_a_name_of_its_own_and_speaks() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)
    assert all(part for row in TABLE for parts in row.phrases for part in parts)
    assert row_of("no such words") is None
