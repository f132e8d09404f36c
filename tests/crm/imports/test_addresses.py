"""Addresses as people paste them into tables."""

import pytest
from django.core.exceptions import ValidationError

from crm.imports.addresses import read_address


@pytest.mark.parametrize(
    "text",
    [
        "emilie@example.com", "Émilie <emilie@example.com>", "<emilie@example.com>",
        '"Roe, Émilie" <emilie@example.com>',
        "Émilie Roe  < emilie@example.com >",
    ],
)  # fmt: skip
def test_an_address_is_taken_from_behind_the_name_of_its_person(text: str) -> None:
    assert read_address(text) == "emilie@example.com"


@pytest.mark.parametrize(
    "text",
    ["A <a@example.com>, B <b@example.com>", "a@example.com <b@example.com>", "A <a@example.com> B",
     "A <a b@example.com>", "Roe, A <a@example.com>", "A <>"],
)  # fmt: skip
def test_what_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_address(text)


@pytest.mark.parametrize(("sign", "code"), [("\u200b", "U+200B"), ("\ufeff", "U+FEFF"), ("\u00ad", "U+00AD")])
@pytest.mark.parametrize("where", ["emi{}lie@example.com", "emilie@example.com{}", "{}emilie@example.com"])
def test_an_invisible_character_is_named(where: str, sign: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        read_address(where.format(sign))
    assert code in refusal.value.messages[0]
