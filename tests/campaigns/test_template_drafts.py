"""What is typed into the template editor and not saved: kept for its author, never sent, never lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from campaigns.models import EmailTemplate, TemplateDraft
from campaigns.template_drafts import DraftChanged, draft_of, keep_draft
from campaigns.templates_store import create_template, save_template
from crm.models import User
from tests.campaigns.test_pages_templates import GOOD, edit_url, values
from tests.factories import UserFactory


@pytest.fixture
def template(db: None) -> EmailTemplate:
    return create_template(None, {"name": "Letter", "subject": "Hello", "body": GOOD})


def autosave(client: Client, template: EmailTemplate | None, **changes: Any) -> Any:
    url = reverse("campaigns:template_autosave", args=[template.pk]) if template else reverse(
        "campaigns:template_autosave_new"
    )  # fmt: skip
    return client.post(url, values(**{"revision": "0", **changes}))


def test_what_is_typed_is_kept_and_the_template_stays_as_it_is(
    template: EmailTemplate, as_marketer: Client, marketer: User
) -> None:
    assert autosave(as_marketer, template, body="<p>Half a {Per").json()["set"] == {"revision": 1}
    assert autosave(as_marketer, template, body="<p>Half a {Person", revision="1").json()["set"] == {"revision": 2}
    template.refresh_from_db()
    assert (template.body, template.version, template.versions.count()) == (GOOD, 1, 1)
    page = as_marketer.get(edit_url(template))
    assert page.context["form"]["body"].value() == "<p>Half a {Person"
    assert "What you typed last time is shown here" in page.content.decode()


def test_saving_makes_the_version_and_ends_the_draft(template: EmailTemplate, as_marketer: Client) -> None:
    autosave(as_marketer, template, subject="New words")
    as_marketer.post(edit_url(template), values(subject="New words"))
    template.refresh_from_db()
    assert (template.subject, template.version) == ("New words", 2)
    assert not TemplateDraft.objects.exists()


def test_typing_back_what_is_stored_ends_the_draft(template: EmailTemplate, as_marketer: Client) -> None:
    autosave(as_marketer, template, subject="New words")
    assert autosave(as_marketer, template, revision="1").json()["set"] == {"revision": 0}
    assert not TemplateDraft.objects.exists()


def test_another_window_of_the_same_author_is_a_conflict(template: EmailTemplate, as_marketer: Client) -> None:
    autosave(as_marketer, template, subject="In the first window")
    answer = autosave(as_marketer, template, subject="In the second")
    assert answer.status_code == 409
    assert "another window" in answer.content.decode()
    assert TemplateDraft.objects.get().values["subject"] == "In the first window"


def test_a_version_saved_by_somebody_else_is_a_conflict_that_can_be_decided(
    template: EmailTemplate, as_marketer: Client
) -> None:
    other = UserFactory.create(first_name="Ada", last_name="Nowak")
    save_template(template, other, {"subject": "Theirs"})
    answer = autosave(as_marketer, template, subject="Mine")
    assert answer.status_code == 409
    assert "Ada Nowak saved this meanwhile" in answer.content.decode()
    assert as_marketer.post(edit_url(template), values(subject="Mine")).status_code == 422
    as_marketer.post(edit_url(template), values(subject="Mine", overwrite="2"))
    template.refresh_from_db()
    assert (template.subject, template.version) == ("Mine", 3)


def test_drafts_belong_to_their_author(template: EmailTemplate, as_marketer: Client, as_administrator: Client) -> None:
    autosave(as_marketer, template, subject="Of the marketer")
    assert "Of the marketer" not in as_administrator.get(edit_url(template)).content.decode()
    assert autosave(as_administrator, template, subject="Of the administrator").status_code == 200
    assert TemplateDraft.objects.count() == 2


def test_a_draft_is_discarded(template: EmailTemplate, as_marketer: Client) -> None:
    autosave(as_marketer, template, subject="New words")
    as_marketer.post(reverse("campaigns:template_discard", args=[template.pk]))
    assert as_marketer.get(edit_url(template)).context["form"]["subject"].value() == "Hello"


def test_a_new_template_is_kept_before_it_has_a_name(as_marketer: Client, marketer: User) -> None:
    assert autosave(as_marketer, None, name="", body="<p>x").json()["set"] == {"revision": 1}
    assert not EmailTemplate.objects.exists()
    first = as_marketer.get(reverse("campaigns:template_new"))
    assert "starter=draft" in first.content.decode()
    page = as_marketer.get(reverse("campaigns:template_new"), {"starter": "draft"})
    assert page.context["form"]["body"].value() == "<p>x"
    as_marketer.post(reverse("campaigns:template_new"), values(name="Made"))
    assert draft_of(marketer, None) is None


def test_two_windows_with_something_new_do_not_overwrite_each_other(db: None, marketer: User) -> None:
    assert keep_draft(marketer, None, {"subject": "a"}, base_version=0, seen=0) == 1
    with pytest.raises(DraftChanged):
        keep_draft(marketer, None, {"subject": "b"}, base_version=0, seen=0)


def test_what_no_database_can_hold_is_refused_or_cleaned(template: EmailTemplate, as_marketer: Client) -> None:
    assert autosave(as_marketer, template, subject="a\0b").status_code == 200
    assert TemplateDraft.objects.get().values["subject"] == "ab"
    too_big = autosave(as_marketer, template, body="x" * 5_000_000, revision="1")
    assert too_big.status_code == 422
    assert autosave(as_marketer, template, subject="c", revision="9" * 40).status_code == 409


def test_a_draft_and_a_template_have_one_limit(
    template: EmailTemplate, as_marketer: Client, settings: Settings
) -> None:
    settings.HERALD_BODY_LIMIT = 1_000
    for letter, kept, saved in (("e", 200, 302), ("é", 422, 422)):
        body = f"<p>{letter * 600}</p>"
        assert autosave(as_marketer, template, body=body).status_code == kept
        answer = as_marketer.post(edit_url(template), values(body=body, version="1"))
        assert answer.status_code == saved
    assert "at most" in str(answer.context["form"].errors["body"])
