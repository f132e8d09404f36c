"""Beginnings, the gallery, the changes between versions, and what the editor asks for while typing."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.content.starters import STARTERS
from campaigns.models import EmailTemplate
from campaigns.preview import in_the_dark, in_the_light
from campaigns.templates_store import create_template, save_template
from tests.campaigns.test_pages_templates import GOOD, edit_url, values
from tests.factories import RecordFactory, TrackingUrlFactory


@pytest.fixture
def template(db: None) -> EmailTemplate:
    return create_template(None, {"name": "Letter", "subject": "Hello", "body": GOOD})


def test_a_new_template_begins_with_a_picture(template: EmailTemplate, as_marketer: Client) -> None:
    page = as_marketer.get(reverse("campaigns:template_new"), {"next": "/mass-emails/"}).content.decode()
    for one in STARTERS:
        assert f"?starter={one.key}&amp;next=" in page
        assert reverse("campaigns:template_starter", args=[one.key]) in page
    assert f"?from={template.pk}&amp;next=" in page
    copy = as_marketer.get(reverse("campaigns:template_new"), {"from": template.pk})
    assert copy.context["form"]["body"].value() == GOOD


def test_starters_are_shown_as_mails(as_viewer: Client) -> None:
    answer = as_viewer.get(reverse("campaigns:template_starter", args=[STARTERS[0].key]))
    assert answer["Content-Security-Policy"].endswith("sandbox")
    assert as_viewer.get(reverse("campaigns:template_starter", args=["none"])).status_code == 404


def test_the_gallery_shows_active_templates_and_finds_all(template: EmailTemplate, as_viewer: Client) -> None:
    create_template(None, {"name": "Old", "subject": "Then", "body": GOOD, "status": "inactive"})
    page = as_viewer.get(reverse("campaigns:template_gallery")).content.decode()
    assert "Letter" in page
    assert "<strong>Old</strong>" not in page
    assert edit_url(template) not in page
    everything = {"q": "old", "show": "all"}  # as in the list, a search stays within the chip
    found = as_viewer.get(reverse("campaigns:template_gallery"), everything).content.decode()
    assert "<strong>Old</strong>" in found and "<strong>Letter</strong>" not in found


def test_the_gallery_and_the_list_show_the_same_templates(template: EmailTemplate, as_viewer: Client) -> None:
    create_template(None, {"name": "Fair", "subject": "Then", "body": GOOD, "category": "Events", "is_one_off": True})
    listed, gallery = reverse("campaigns:template_list"), reverse("campaigns:template_gallery")
    asked = {"show": "one-off", "category": "Events"}
    query = "?show=one-off&amp;category=Events"
    assert f'href="{gallery}{query}"' in as_viewer.get(listed, asked).content.decode()
    page = as_viewer.get(gallery, asked).content.decode()
    assert f'href="{listed}{query}"' in page
    assert "<strong>Fair</strong>" in page and "<strong>Letter</strong>" not in page
    assert '<option value="Events" selected>' in page
    part = as_viewer.get(listed, asked, headers={"HX-Request": "true", "HX-Target": "list-results"}).content.decode()
    assert f'id="gallery-link" href="{gallery}{query}" hx-swap-oob="true"' in part


def test_changes_are_shown_line_by_line(template: EmailTemplate, as_viewer: Client) -> None:
    save_template(template, None, {"body": GOOD.replace("Dear", "Hi"), "subject": "<b>Hello</b>"})
    page = as_viewer.get(reverse("campaigns:template_changes", args=[template.pk, 1])).content.decode()
    assert "&lt;b&gt;Hello&lt;/b&gt;</ins>" in page
    assert "Hello</del>" in page
    assert "restore" not in page
    same = as_viewer.get(reverse("campaigns:template_changes", args=[template.pk, 2])).content.decode()
    assert "Nothing has changed since" in same


def test_the_code_editor_knows_every_name(template: EmailTemplate, as_marketer: Client) -> None:
    url = TrackingUrlFactory.create()
    completions = as_marketer.get(edit_url(template)).context["completions"]
    codes = {choice["code"] for choice in completions["choices"]}
    assert {"{Person.firstName}", "{optOutUrl}", "{Contact.account.name}", url.placeholder} <= codes
    known = set(completions["known"])
    assert {code.strip("{}") for code in codes} <= known
    assert "Person.nickname" not in known


def test_only_the_editor_lets_in_a_style_element_and_only_by_its_nonce(
    template: EmailTemplate, as_marketer: Client
) -> None:
    answer = as_marketer.get(edit_url(template))
    policy = answer["Content-Security-Policy"]
    assert "style-src 'self' 'nonce-" in policy
    assert "unsafe-inline" not in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert f'nonce="{nonce}"' in answer.content.decode()
    assert "nonce" not in as_marketer.get(reverse("campaigns:template_list"))["Content-Security-Policy"]


def test_the_text_is_made_from_the_html_with_its_placeholders(as_marketer: Client, db: None) -> None:
    answer = as_marketer.post(reverse("campaigns:template_draft_text"), values(text_body="old"))
    assert answer["Content-Type"].startswith("text/plain")
    assert "Dear {Person.firstName|friend}" in answer.content.decode() or "Dear {Person.firstName}" in (
        answer.content.decode()
    )


def test_anybody_can_be_found_to_preview_as(as_marketer: Client, db: None) -> None:
    RecordFactory.create(first_name="Siti", last_name="Aminah")
    RecordFactory.create(first_name="Ines", last_name="Rocha")
    found = as_marketer.get(reverse("campaigns:template_preview_people"), {"q": "siti"}).content.decode()
    assert "Siti" in found
    assert "Ines" not in found


def test_a_mail_is_light_unless_asked_for_in_the_dark() -> None:
    """Whatever the theme of the page and of the computer, which the rules of the mail would ask for."""
    rule = "@media screen and ( Prefers-Color-Scheme: {} ) {{ p {{ color: #fff }} }}"
    assert in_the_light(rule.format("dark")) == "@media screen and (max-width:0) { p { color: #fff } }"
    assert in_the_light(rule.format("light")) == "@media screen and (min-width:0) { p { color: #fff } }"
    both = '<head><meta name="color-scheme" content="light dark"></head>'
    assert "only light!important}</style></head>" in in_the_light(both)
    assert in_the_light("<p>prefers dark</p>") == "<p>prefers dark</p>"


def test_dark_mode_follows_the_mail_or_turns_it_over() -> None:
    assert "@media all" in in_the_dark("<style>@media (prefers-color-scheme: dark) { p { color: #fff } }</style>")
    turned = in_the_dark("<html><head></head><body><p>x</p></body></html>")
    assert turned.index("filter:invert") < turned.index("</head>")
    assert in_the_dark("<p>x</p>").endswith("<p>x</p>")


@pytest.mark.parametrize(("part", "words"), [("dark", "invert"), ("source", "&lt;p&gt;Dear"), ("text", "Dear friend")])
def test_a_preview_has_four_looks(part: str, words: str, template: EmailTemplate, as_viewer: Client) -> None:
    answer = as_viewer.get(reverse("campaigns:template_preview", args=[template.pk]), {"part": part})
    assert words in answer.content.decode()
    assert answer["Content-Security-Policy"].endswith("sandbox")
