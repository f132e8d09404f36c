"""Email templates: editor, problems at the field, live preview, versions, removal."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.content.starters import STARTERS
from campaigns.models import EmailTemplate, MassEmailStatus, TemplateVersion
from campaigns.templates_store import TemplateChanged, create_template, restore, save_template
from crm.models import AuditEntry, User
from tests.campaigns.pages_world import World, make_world
from tests.factories import CampaignFactory, MassEmailFactory, RecordFactory, TrackingUrlFactory

GOOD = "<p>Dear {Person.firstName|friend}, <a href='{optOutUrl}'>no more</a></p>"


def values(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Letter", "status": "active", "category": "", "mode": "html", "subject": "Hello",
        "preview_text": "", "body": GOOD, "text_body": "", "description": "", "version": "1", **changes,
    }  # fmt: skip


@pytest.fixture
def template(db: None) -> EmailTemplate:
    return create_template(None, {"name": "Letter", "subject": "Hello", "body": GOOD})


def edit_url(template: EmailTemplate) -> str:
    return reverse("campaigns:template_edit", args=[template.pk])


def test_a_new_template_has_its_first_version(as_marketer: Client, marketer: User) -> None:
    as_marketer.post(reverse("campaigns:template_new"), values())
    made = EmailTemplate.objects.get()
    assert (made.version, made.assigned_user) == (1, marketer)
    assert made.versions.get().body == GOOD
    assert AuditEntry.objects.filter(action="template.created").exists()


def test_a_body_is_kept_to_the_last_blank(as_marketer: Client, db: None) -> None:
    body = "\n  <p>Hi</p>\n\n"
    as_marketer.post(reverse("campaigns:template_new"), values(body=body))
    assert EmailTemplate.objects.get().body.replace("\r\n", "\n") == body


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"subject": ""}, "subject", "required"),
        ({"subject": "Hello\r\nBcc: all@example.com"}, "subject", "Line breaks"),
        ({"subject": "Hi {Person.frstName}"}, "subject", "Person.frstName"),
        ({"preview_text": "a\nb"}, "preview_text", "Line breaks"),
        ({"body": ""}, "body", "required"),
        ({"body": "<p>\n\n{Person.shoeSize}</p>"}, "body", "Line 3"),
        ({"body": "<a href='{trackingUrl:0123456789abcdef0}'>x</a>"}, "body", "0123456789abcdef0"),
        ({"body": "<a href='javascript:alert(1)'>x</a>"}, "body", "javascript"),
        ({"body": "<p>" + "x" * 3_000_000 + "</p>"}, "body", ""),
        ({"body": "<p>Hi</p>", "text_body": "{Person.shoeSize}"}, "text_body", "Person.shoeSize"),
        ({"mode": "plain", "body": "Hi {Person.shoeSize}"}, "body", "Person.shoeSize"),
        ({"mode": "blocks"}, "mode", "valid choice"),
    ],
)
def test_problems_stand_at_their_field_and_nothing_is_lost(
    changes: dict[str, Any], field: str, words: str, as_marketer: Client, template: EmailTemplate
) -> None:
    data = values(**changes)
    answer = as_marketer.post(edit_url(template), data)
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert answer.context["form"]["body"].value() == data["body"]
    template.refresh_from_db()
    assert (template.subject, template.body, template.version) == ("Hello", GOOD, 1)


def test_ten_megabytes_are_refused_with_a_message_and_twenty_at_the_door(as_marketer: Client, db: None) -> None:
    answer = as_marketer.post(reverse("campaigns:template_new"), values(body="<p>" + "é" * 5_000_000))
    assert answer.status_code == 422
    assert "body" in answer.context["form"].errors
    assert as_marketer.post(reverse("campaigns:template_new"), values(body="x" * 20_000_000)).status_code == 400
    assert not EmailTemplate.objects.exists()


@pytest.mark.parametrize("body", ["<p", "<table><tr><td>x", "</div></div>&&&", "<!--[if mso]>", "\u202e\ud7ff<b>"])
def test_broken_html_is_no_server_error(body: str, as_marketer: Client, db: None) -> None:
    assert as_marketer.post(reverse("campaigns:template_new"), values(body=body)).status_code in (302, 422)
    assert as_marketer.post(reverse("campaigns:template_draft_preview"), values(body=body)).status_code == 200


def test_only_a_change_of_what_is_sent_makes_a_version(template: EmailTemplate, as_marketer: Client) -> None:
    as_marketer.post(edit_url(template), values(name="Other name"))
    template.refresh_from_db()
    assert (template.name, template.version) == ("Other name", 1)
    as_marketer.post(edit_url(template), values(subject="Changed"))
    template.refresh_from_db()
    assert (template.subject, template.version, template.versions.count()) == ("Changed", 2, 2)


def test_two_authors_cannot_overwrite_each_other_unseen(template: EmailTemplate, as_marketer: Client) -> None:
    as_marketer.post(edit_url(template), values(subject="Mine"))
    answer = as_marketer.post(edit_url(template), values(subject="Yours"))
    assert answer.status_code == 422
    assert "Somebody else saved this template meanwhile" in answer.content.decode()
    template.refresh_from_db()
    assert template.subject == "Mine"
    with pytest.raises(TemplateChanged):
        save_template(template, None, {"subject": "Theirs"}, seen=1)


def test_a_version_is_restored_as_a_new_one(template: EmailTemplate, as_marketer: Client, marketer: User) -> None:
    save_template(template, None, {"subject": "Second"})
    answer = as_marketer.post(reverse("campaigns:template_restore", args=[template.pk, 1]))
    assert answer.status_code == 302
    template.refresh_from_db()
    assert (template.subject, template.version) == ("Hello", 3)
    assert list(template.versions.values_list("number", flat=True)) == [3, 2, 1]
    assert AuditEntry.objects.filter(user=marketer, action="template.saved").exists()
    restore(TemplateVersion.objects.get(template=template, number=3), marketer)  # nothing to change
    template.refresh_from_db()
    assert template.version == 3
    old = as_marketer.get(reverse("campaigns:template_version", args=[template.pk, 2]))
    assert "Dear" in old.content.decode()
    assert old["Content-Security-Policy"].endswith("sandbox")


def test_the_live_preview_shows_what_is_typed_and_stores_nothing(template: EmailTemplate, as_marketer: Client) -> None:
    record = RecordFactory.create(first_name="Siti")
    answer = as_marketer.post(
        reverse("campaigns:template_draft_preview"), values(body="<h1>{Person.firstName}</h1>", record=record.pk)
    )
    assert "<h1>Siti</h1>" in answer.content.decode()
    assert answer["Content-Security-Policy"].endswith("sandbox")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    data = values(body="<h1>{Person.firstName}</h1>", record=record.pk, part="text")
    text = as_marketer.post(reverse("campaigns:template_draft_preview"), data)
    assert "Siti" in text.content.decode()
    assert "<h1>" not in text.content.decode()
    template.refresh_from_db()
    assert template.body == GOOD


def test_the_live_check_names_the_lines(as_marketer: Client, db: None) -> None:
    answer = as_marketer.post(reverse("campaigns:template_draft_check"), values(body="<p>\n{Person.shoeSize}</p>"))
    assert "Line 2" in answer.content.decode()
    assert 'data-line="2"' in answer.content.decode()
    fine = as_marketer.post(reverse("campaigns:template_draft_check"), values())
    assert "No problems found." in fine.content.decode()


def test_starters_fill_the_form(as_marketer: Client, db: None) -> None:
    for one in STARTERS:
        page = as_marketer.get(reverse("campaigns:template_new"), {"starter": one.key})
        assert page.context["form"]["body"].value() == one.html
        data = values(name=one.key, subject=one.subject, body=one.html)
        assert as_marketer.post(reverse("campaigns:template_new"), data).status_code == 302
    assert as_marketer.get(reverse("campaigns:template_new"), {"starter": "../../etc"}).status_code == 200


def test_placeholders_and_tracking_urls_can_be_picked(template: EmailTemplate, as_marketer: Client) -> None:
    url = TrackingUrlFactory.create(campaign=CampaignFactory.create(name="Spring"))
    page = as_marketer.get(edit_url(template)).content.decode()
    for code in ("{Person.firstName}", "{Contact.account.name}", "{Lead.status}", "{optOutUrl}", url.placeholder):
        assert f'data-insert="{code}"' in page
    assert "Spring" in page


def test_a_template_that_is_waited_for_is_not_removed(template: EmailTemplate, as_marketer: Client) -> None:
    waiting = MassEmailFactory.create(template=template, name="Reminder", status=MassEmailStatus.PENDING)
    address = reverse("campaigns:template_remove", args=[template.pk])
    answer = as_marketer.post(address)
    assert answer.status_code == 422
    assert "“Reminder” needs this template" in answer.content.decode()
    waiting.status = MassEmailStatus.DRAFT
    waiting.save(update_fields=["status"])
    assert "1 mass email uses it." in as_marketer.get(address).content.decode()
    as_marketer.post(address)
    assert not EmailTemplate.objects.exists()
    waiting.refresh_from_db()
    assert waiting.template is None
    assert AuditEntry.objects.filter(action="template.removed").exists()


def test_where_it_is_used_is_shown(as_marketer: Client, db: None) -> None:
    world: World = make_world()
    page = as_marketer.get(edit_url(world.template)).content.decode()
    assert "Used by 2 mass emails" in page
    assert world.sending.get_absolute_url() in page


def test_a_copy_begins_its_own_history(template: EmailTemplate, as_marketer: Client) -> None:
    save_template(template, None, {"subject": "Second"})
    as_marketer.post(reverse("campaigns:template_duplicate", args=[template.pk]))
    copy = EmailTemplate.objects.exclude(pk=template.pk).get()
    assert (copy.subject, copy.version, copy.versions.count()) == ("Second", 1, 1)


def test_saving_leads_back_to_where_it_was_called_from(template: EmailTemplate, as_marketer: Client) -> None:
    assert (
        as_marketer.post(edit_url(template), values(next="/mass-emails/"))["Location"]
        == f"/mass-emails/?template={template.pk}"
    )
    assert as_marketer.post(edit_url(template), values(next="//evil.example.com"))["Location"] == edit_url(template)


def test_fields_that_are_not_in_the_form_are_ignored(
    template: EmailTemplate, as_marketer: Client, viewer: User
) -> None:
    as_marketer.post(edit_url(template), values(assigned_user=viewer.pk, id=99))
    template.refresh_from_db()
    assert template.assigned_user is None


def test_send_test_is_that_of_the_mass_email_that_is_going_to_use_it(
    template: EmailTemplate, as_marketer: Client
) -> None:
    assert "Send Test" not in as_marketer.get(edit_url(template)).content.decode()
    MassEmailFactory.create(template=template, status=MassEmailStatus.COMPLETE)
    assert "Send Test" not in as_marketer.get(edit_url(template)).content.decode()
    draft = MassEmailFactory.create(template=template)
    url = reverse("campaigns:mass_email_send_test", args=[draft.pk])
    assert f'href="{url}"' in as_marketer.get(edit_url(template)).content.decode()
