"""What is one address (DUTIES M11 to M13)."""

import pytest

from campaigns.sending.addresses import ascii_address, ascii_domain
from campaigns.sending.errors import MessageError

LABEL = "d" * 61 + ".example"
GOOD = [
    "a@b.co",
    "first.last@example.com",
    "a+tag@example.com",
    "o'neill@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.com",
]
GOOD += [
    "a@sub.sub.sub.example.com",
    "1@1.example",
    "a-b@x-y.example",
    "A.B@EXAMPLE.COM",
    "a@123.example",
    "_a_@example.com",
]
GOOD += [
    "l" * 64 + "@example.com",
    "a@" + "d" * 63 + ".com",
    f"{'l' * 40}@{'.'.join([LABEL] * 3)}",
    "a@xn--e1afmkfd.xn--p1ai",
]

BAD = ["", "a", "@", "a@", "@b.co", "a@b", "a@localhost", "a@b.", "a@.b.co", "a@b..co", "a@-b.co", "a@b-.co", "a@b.123"]
BAD += [
    ".a@b.co",
    "a.@b.co",
    "a..b@b.co",
    "a b@b.co",
    " a@b.co",
    "a@b.co ",
    "a@b .co",
    "a@b@c.co",
    "a@b.co,c@d.co",
    "a@b.co;",
]
BAD += ["a@b.co, c@d.co", "<a@b.co>", "Anna <a@b.co>", '"a b"@b.co', '"a"@b.co', "a(comment)@b.co", "group: a@b.co;"]
BAD += [
    "@relay.example:a@b.co",
    "a%b@c@d.co",
    "a@[127.0.0.1]",
    "a@127.0.0.1",
    "a@b_c.co",
    "a\\b@c.co",
    "a@b.co\r\nRCPT TO:<c@d.co>",
]
BAD += [
    "a@b.co\n",
    "a\x00@b.co",
    "a@b.co\x0b",
    "a\t@b.co",
    "a@b\u2028.co",
    "l" * 65 + "@example.com",
    "a@" + "d" * 64 + ".com",
]
BAD += [
    "a@" + "d." * 126 + "example",
    f"{'l' * 64}@{'.'.join([LABEL] * 3)}",
    "usér@example.com",
    "почта@пример.рф",
    "a@b.c\u200bo\ud800",
]


@pytest.mark.parametrize("address", GOOD)
def test_good_address_is_sent_as_it_is(address: str) -> None:
    assert ascii_address(address) == address


@pytest.mark.parametrize("address", BAD)
def test_bad_address_is_refused(address: str) -> None:
    with pytest.raises(MessageError) as refusal:
        ascii_address(address)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("j@пример.рф", "j@xn--e1afmkfd.xn--p1ai"),
        ("j@Bücher.example", "j@xn--bcher-kva.example"),
        ("j@例え.テスト", "j@xn--r8jz45g.xn--zckzah"),
        ("j@faß.de", "j@xn--fa-hia.de"),
    ],
)
def test_domain_becomes_a_labels(address: str, sent: str) -> None:
    assert ascii_address(address) == sent


def test_domain_label_that_grows_too_long_is_refused() -> None:
    with pytest.raises(MessageError):
        ascii_address(f"j@{'ü' * 60}.example")


@pytest.mark.parametrize("domain", ["", "localhost", "a b.example", "x.example\r\n", ".example", "é" * 70 + ".example"])
def test_domain_that_is_none_is_refused(domain: str) -> None:
    with pytest.raises(MessageError):
        ascii_domain(domain)
