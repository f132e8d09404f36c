"""Keys, slugs and field names: made of labels in any script, never a name that means something else already."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.content.placeholders import SYSTEM_NAMES, split
from campaigns.people import COMMON_NAMES
from crm.entities.naming import (
    RESERVED_FIELDS,
    RESERVED_KEYS,
    check_field_name,
    check_key,
    check_label,
    field_name_of,
    key_of,
    reserved_slugs,
    slug_of,
)


@pytest.mark.parametrize(
    ("label", "key", "field", "slug"),
    [
        ("Gym Member", "GymMember", "gymMember", "gym-member"),
        ("Vídeo-Gäste 2", "VideoGaste2", "videoGaste2", "video-gaste-2"),
        ("2nd home", "Type2ndHome", "field2ndHome", "records-2nd-home"),
        ("客户", "Type", "field", "records"),
        ("<b>Bold</b>", "BBoldB", "bBoldB", "b-bold-b"),
        ("Person", "Person2", "person", "person"),
        ("Campaigns", "Campaigns", "campaigns", "campaigns-2"),
        ("Email address", "EmailAddress", "emailAddress2", "email-address"),
    ],
)
def test_names_are_made_of_labels(label: str, key: str, field: str, slug: str) -> None:
    assert (key_of(label, ()), field_name_of(label, ()), slug_of(label, ())) == (key, field, slug)


def test_a_name_that_is_taken_gets_a_number_whatever_its_case() -> None:
    assert key_of("Member", ["member", "Member2"]) == "Member3"
    assert slug_of("Members", ["members"]) == "members-2"


@settings(deadline=None)
@given(st.text(max_size=120), st.lists(st.sampled_from(["Member", "Type", "field", "a", "records"])))
def test_every_label_gives_names_that_are_allowed(label: str, taken: list[str]) -> None:
    check_key(key_of(label, taken), taken)
    name = field_name_of(label, taken)
    check_field_name(name, taken)
    slug = slug_of(label, taken)
    assert len(slug) <= 60 and slug not in reserved_slugs() and slug.isascii()
    assert [piece.name for piece in split(f"{{Member.{name}}}") if not isinstance(piece, str)] == [f"Member.{name}"]


@pytest.mark.parametrize(
    "name", ["", "1a", "a b", "a-b", "a.b", "é", "a" * 41, "Person", "today", "TRACKINGURL", "lead"]
)
def test_keys_that_mean_something_else_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        check_key(name, ["Lead"])


def test_what_placeholders_mean_already_is_reserved() -> None:
    assert {name.lower() for name in COMMON_NAMES} <= RESERVED_FIELDS
    assert {name.partition(".")[0].lower() for name in SYSTEM_NAMES} <= RESERVED_KEYS


def test_the_folders_of_all_pages_are_reserved() -> None:
    assert {"campaigns", "target-lists", "admin", "health", "u", "login"} <= reserved_slugs()
    for slug in ("campaigns", "health"):
        assert resolve(f"/{slug}/").url_name != "record_list"
    with pytest.raises(Resolver404):
        resolve("/no/such/page/of/any/app/")


@pytest.mark.parametrize("label", ["", "   ", "—", "a\u202eb", "\u200bGold", "..."])
def test_labels_that_nobody_can_read_are_refused(label: str) -> None:
    with pytest.raises(ValidationError):
        check_label(label)


@pytest.mark.parametrize("label", ["Gold", "客户", "Ürün", "<script>", "50 % off", "{x} and “y”"])
def test_labels_of_every_script_are_fine(label: str) -> None:
    check_label(label)
