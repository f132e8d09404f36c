"""Opt-out: by one click, by the button, and by nothing else (T4, T5, T6, T20; RFC 8058)."""

import time
from urllib.parse import urlencode

import pytest
from django.test import Client

from campaigns.models import Action, LogRecord, MassEmail
from campaigns.tracking.tokens import Purpose, make
from targets.models import Membership
from tests.campaigns.tracking.conftest import Mail, logged
from tests.factories import CampaignFactory, RecordFactory, TargetListFactory

ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = (
    "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
)  # fmt: skip
FORM = "application/x-www-form-urlencoded"


def test_looking_changes_nothing(visitor: Client, mail: Mail) -> None:
    for method in (visitor.head, visitor.get, visitor.get, visitor.options, visitor.get, visitor.get, visitor.get):
        assert method(mail.opt_out_url).status_code == 200
    assert mail.is_listed()
    assert not mail.is_flagged()
    assert not LogRecord.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_other_methods_are_refused_and_change_nothing(visitor: Client, mail: Mail, method: str) -> None:
    assert getattr(visitor, method)(mail.opt_out_url).status_code == 405
    assert mail.is_listed()


def test_the_page_has_one_form_with_one_button(visitor: Client, mail: Mail) -> None:
    page = visitor.get(mail.opt_out_url).content.decode()
    assert page.count("<form") == page.count("<button") == 1
    assert '<form method="post"' in page
    assert "ines@rocha.example.com" not in page
    assert "Newsletter EU" in page


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ONE_CLICK, FORM),
        (ONE_CLICK, f"{FORM}; charset=UTF-8"),
        (MULTIPART, 'multipart/form-data; boundary="b"'),
    ],
)
def test_one_click_opts_out_without_redirect_in_both_encodings(
    visitor: Client, mail: Mail, body: str, content_type: str
) -> None:
    response = visitor.post(mail.opt_out_url, body, content_type=content_type, headers={"cookie": "sessionid=foreign"})
    assert response.status_code == 200
    assert not mail.is_listed()
    assert not mail.is_flagged()
    assert LogRecord.objects.get().detail == "one-click"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        (ONE_CLICK, "multipart/form-data"),
        ("--x broken", "multipart/form-data; boundary=b"),
        ("{}", "application/json"),
        (ONE_CLICK, f"{FORM}; charset=utf-16"),
        ("a=&" * 5400, FORM),
    ],
)
def test_a_wish_to_leave_is_not_lost_to_syntax(visitor: Client, mail: Mail, body: str, content_type: str) -> None:
    assert visitor.post(mail.opt_out_url, body, content_type=content_type).status_code == 200
    assert not mail.is_listed()


def test_a_huge_body_is_refused(visitor: Client, mail: Mail) -> None:
    assert visitor.post(mail.opt_out_url, "a" * 16_500, content_type=FORM).status_code == 413
    assert mail.is_listed()


def test_ten_posts_are_one_opt_out_and_fast(visitor: Client, mail: Mail) -> None:
    start = time.monotonic()
    for _ in range(10):
        assert visitor.post(mail.opt_out_url, ONE_CLICK, content_type=FORM).status_code == 200
    assert time.monotonic() - start < 10
    assert logged(mail) == [(Action.OPTED_OUT, False)]
    assert MassEmail.objects.get(pk=mail.mass_email.pk).opted_out_count == 1


def test_off_means_all_lists_of_the_mass_email_and_its_campaign_and_no_other(visitor: Client, mail: Mail) -> None:
    of_campaign = TargetListFactory.create(records=[mail.record])
    mail.mass_email.campaign.target_lists.add(of_campaign)
    other = TargetListFactory.create(records=[mail.record])
    stranger = RecordFactory.create()
    Membership.objects.create(target_list=mail.target_list, record=stranger)
    visitor.post(mail.opt_out_url)
    assert not mail.is_listed()
    assert not mail.is_listed(of_campaign)
    assert mail.is_listed(other)
    assert stranger.memberships.get().opted_out_at is None
    assert not mail.is_flagged()


def test_on_means_the_address(visitor: Client, mail_entirely: Mail) -> None:
    page = visitor.post(mail_entirely.opt_out_url).content.decode()
    assert mail_entirely.is_flagged()
    assert mail_entirely.is_listed()
    assert "You have been unsubscribed" in page
    assert "no longer gets marketing email" in page


def test_another_record_with_the_same_address_is_opted_out_too(visitor: Client, mail: Mail) -> None:
    lead = RecordFactory.create(kind="Lead", email="Ines@Rocha.example.com")
    membership = Membership.objects.create(target_list=mail.target_list, record=lead)
    visitor.post(mail.opt_out_url)
    membership.refresh_from_db()
    assert membership.opted_out_at is not None


def test_the_result_says_what_was_done_with_a_masked_address(visitor: Client, mail: Mail) -> None:
    page = visitor.post(mail.opt_out_url).content.decode()
    assert "You have been unsubscribed" in page
    assert "<b>Newsletter EU</b>" in page
    assert "Subscribe again" in page
    assert "Stop all marketing email" in page
    assert mail.address.masked in page
    assert "ines@rocha.example.com" not in page


def test_a_later_look_shows_the_result_again_and_no_script(visitor: Client, mail: Mail) -> None:
    visitor.post(mail.opt_out_url)
    page = visitor.get(mail.opt_out_url).content.decode()
    assert "You have been unsubscribed" in page
    assert "opt_out.js" not in page


def test_subscribe_again_undoes_it_and_both_are_logged(visitor: Client, mail: Mail) -> None:
    visitor.post(mail.opt_out_url)
    token = make(Purpose.RESUBSCRIBE, mail.item.pk, mail.address.pk)
    response = visitor.post(mail.opt_out_url, {"resubscribe": token})
    assert response.status_code == 303
    assert "You are subscribed again" in visitor.get(response["Location"]).content.decode()
    assert mail.is_listed()
    assert [action for action, _machine in logged(mail)] == [Action.OPTED_OUT, Action.OPTED_IN]
    mail.mass_email.refresh_from_db()
    assert (mail.mass_email.opted_out_count, mail.mass_email.opted_in_count) == (1, 1)


def test_subscribe_again_unmarks_the_address(visitor: Client, mail_entirely: Mail) -> None:
    visitor.post(mail_entirely.opt_out_url)
    token = make(Purpose.RESUBSCRIBE, mail_entirely.item.pk, mail_entirely.address.pk)
    visitor.post(mail_entirely.opt_out_url, {"resubscribe": token})
    assert not mail_entirely.is_flagged()


@pytest.mark.parametrize("purpose", [Purpose.OPT_OUT, Purpose.PREFERENCES, Purpose.CLICK])
def test_only_a_resubscribe_token_of_the_same_mail_subscribes_again(
    visitor: Client, mail: Mail, purpose: Purpose
) -> None:
    visitor.post(mail.opt_out_url)
    ids = (mail.item.pk, mail.address.pk)
    others = [make(purpose, *ids), make(Purpose.RESUBSCRIBE, ids[0], ids[1] + 1), "", "x"]
    for token in others:
        assert visitor.post(mail.opt_out_url, {"resubscribe": token}).status_code == 404
    assert not mail.is_listed()


def test_a_test_mail_changes_nobody_and_says_so(visitor: Client, test_mail: Mail) -> None:
    assert "This is a test email" in visitor.get(test_mail.opt_out_url).content.decode()
    page = visitor.post(test_mail.opt_out_url, ONE_CLICK, content_type=FORM).content.decode()
    assert "This was a test" in page
    assert test_mail.is_listed()
    assert not test_mail.is_flagged()
    assert not LogRecord.objects.filter(is_test=False).exists()


def test_names_of_lists_that_the_person_is_not_on_are_never_shown(visitor: Client, mail: Mail) -> None:
    secret = TargetListFactory.create(name="Debtors", records=[RecordFactory.create()])
    mail.mass_email.campaign.target_lists.add(secret)
    assert "Debtors" not in visitor.get(mail.opt_out_url).content.decode()
    assert "Debtors" not in visitor.post(mail.opt_out_url).content.decode()


def test_a_list_name_cannot_break_the_page(visitor: Client, mail: Mail) -> None:
    mail.target_list.name = "<script>alert(1)</script>"
    mail.target_list.save(update_fields=["name"])
    assert "<script>alert" not in visitor.post(mail.opt_out_url).content.decode()


def test_two_campaigns_opt_out_apart(visitor: Client, mail: Mail) -> None:
    other = TargetListFactory.create(records=[mail.record])
    CampaignFactory.create().target_lists.add(other)
    visitor.post(mail.opt_out_url + "?" + urlencode({"lang": "fr"}))
    assert mail.is_listed(other)
