"""Tokens: read back what was made, and nothing else is ever read (T2, T3, T14)."""

import base64
import hmac
import secrets
import string

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.tracking.packing import pack, unpack
from campaigns.tracking.signing import BadToken, Purpose, Signer

NEW, OLD = "the newest key", "an older key"
signer = Signer([NEW, OLD])
ids = st.integers(min_value=0, max_value=2**63 - 1)


@settings(deadline=None)
@given(number=st.lists(ids, max_size=5))
def test_numbers_survive_packing(number: list[int]) -> None:
    assert unpack(pack(number)) == tuple(number)


@settings(deadline=None)
@given(first=ids, second=ids)
def test_what_was_made_is_read_back_for_every_purpose(first: int, second: int) -> None:
    for purpose in Purpose:
        numbers = (first, second)[: purpose.count]
        assert signer.read(purpose, signer.make(purpose, *numbers)) == numbers


@settings(deadline=None)
@given(number=ids, other=ids)
def test_a_token_is_refused_for_every_other_purpose(number: int, other: int) -> None:
    for made in Purpose:
        token = signer.make(made, *(number, other)[: made.count])
        for read in set(Purpose) - {made}:
            with pytest.raises(BadToken):
                signer.read(read, token)


@settings(deadline=None)
@given(number=ids)
def test_a_flipped_bit_anywhere_is_refused(number: int) -> None:
    for purpose in (Purpose.CLICK, Purpose.BOUNCE):
        token = signer.make(purpose, *(number, 7)[: purpose.count])
        for position in range(len(token)):
            for bit in range(7):
                flipped = token[:position] + chr(ord(token[position]) ^ (1 << bit)) + token[position + 1 :]
                if purpose.case_blind and flipped.lower() == token:
                    continue
                with pytest.raises(BadToken):
                    signer.read(purpose, flipped)


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_refused(text: str) -> None:
    for purpose in Purpose:
        with pytest.raises(BadToken):
            signer.read(purpose, text)


def test_a_hundred_thousand_guesses_hit_nothing() -> None:
    for _ in range(100_000):
        with pytest.raises(BadToken):
            signer.read(Purpose.OPEN, secrets.token_urlsafe(18))


def test_a_longer_or_shorter_token_is_refused() -> None:
    token = signer.make(Purpose.CLICK, 1, 2)
    for other in (token + "A", token[:-1], token + "=", token + "\n", " " + token, "", token * 9):
        with pytest.raises(BadToken):
            signer.read(Purpose.CLICK, other)


def test_old_keys_verify_and_the_first_one_signs() -> None:
    old = Signer([OLD]).make(Purpose.OPT_OUT, 5, 6)
    assert signer.read(Purpose.OPT_OUT, old) == (5, 6)
    assert signer.make(Purpose.OPT_OUT, 5, 6) == Signer([NEW]).make(Purpose.OPT_OUT, 5, 6)
    with pytest.raises(BadToken):
        Signer(["a stranger's key"]).read(Purpose.OPT_OUT, old)


FIRST_FORM = [
    (Purpose.CLICK, (1, 2), "EHGTBNyTWC4qhXhIAujmv7_X"),
    (Purpose.CLICK, (2**63 - 1, 2**63 - 1), "jSWc6QJbx0VRiRmZHKRpWxIHmO6wc4eFGrqCM5xGv5Gj1A"),
    (Purpose.OPEN, (1234567,), "6QRUIuF1lhKv7yeD17y1EqhsTw"),
    (Purpose.OPT_OUT, (1234567, 42), "yEw-q4-356zW7zPJruB3ic5gDLY"),
    (Purpose.RESUBSCRIBE, (1, 2), "a6WFXRu-AYgxMEy0KX4En-8j"),
    (Purpose.PREFERENCES, (1, 2), "75W1DVpHqAxh3Cd9vaLoATr8"),
    (Purpose.WEB_VERSION, (1,), "a3DvtLD_LCJroqmcgi8n3pk"),
    (Purpose.BOUNCE, (1234567,), "ad281d4be4f916c91ab94c398f36d48d400072"),
]


@pytest.mark.parametrize(("purpose", "numbers", "token"), FIRST_FORM)
def test_tokens_of_the_first_form_are_read_for_ever(purpose: Purpose, numbers: tuple[int, ...], token: str) -> None:
    """Written by the code before AES-SIV, with the key NEW; they stand in mails."""
    assert Signer(["a newer key still", NEW]).read(purpose, token) == numbers
    assert signer.make(purpose, *numbers) != token
    with pytest.raises(BadToken):
        Signer([OLD]).read(purpose, token)
    with pytest.raises(BadToken):
        signer.read(purpose, token[:-2] + ("00" if token[-2:] != "00" else "11"))


def test_a_token_is_made_by_aes_siv_of_rfc_5297() -> None:
    key = hmac.digest(NEW.encode(), b"herald/token/siv/open", "sha512")
    octets = AESSIV(key).encrypt(pack([300]), None)
    assert base64.urlsafe_b64decode(signer.make(Purpose.OPEN, 300) + "==") == octets
    assert len(octets) == 16 + 2


def test_neighbouring_rows_give_tokens_without_anything_in_common() -> None:
    """Neither the number nor its order can be seen."""
    tokens = [signer.make(Purpose.OPEN, number) for number in range(1000, 3000)]
    tails = [token[-2:] for token in tokens]
    assert len(set(tokens)) == 2000
    assert tokens != sorted(tokens)
    assert len(set(tails)) > 200
    assert len({len(token) for token in tokens}) == 1


def test_tokens_for_links_stay_short_and_plain() -> None:
    token = signer.make(Purpose.CLICK, 10**9, 10**6)
    assert len(token) <= 36
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")


def test_a_bounce_token_survives_a_change_of_case_and_fits_into_a_local_part() -> None:
    token = signer.make(Purpose.BOUNCE, 2**40)
    assert signer.read(Purpose.BOUNCE, token.upper()) == (2**40,)
    assert len(f"bounce+{token}") <= 64
    assert set(token) <= set(string.hexdigits.lower())


@pytest.mark.parametrize("numbers", [(), (1,), (1, 2, 3), (1, -1), (2**300, 1)])
def test_numbers_that_do_not_fit_are_a_programming_error(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        signer.make(Purpose.CLICK, *numbers)


@pytest.mark.parametrize("keys", [[], [""], ["good", ""]])
def test_no_key_is_refused_at_once(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        Signer(keys)
