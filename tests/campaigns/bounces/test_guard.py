"""The reputation guard, and the rule of soft bounces."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.bounces.checker import check_mailboxes
from campaigns.bounces.guard import guard_all, warning
from campaigns.models import Action, BounceReport, FrozenMassEmail, LogRecord, MassEmail
from campaigns.tracking.hits import count_open
from crm.models import EmailAddress, Mailbox, Settings
from tests.campaigns.bounces.conftest import Sent, deliver


@pytest.mark.parametrize(
    ("counts", "warns", "pauses"),
    [
        ({"sent_count": 199, "hard_bounced_count": 100}, False, False),
        ({"sent_count": 200, "hard_bounced_count": 3}, False, False),
        ({"sent_count": 200, "hard_bounced_count": 4}, True, False),
        ({"sent_count": 200, "hard_bounced_count": 10}, True, True),
        ({"sent_count": 100, "refused_count": 100, "hard_bounced_count": 9}, True, False),
        ({"sent_count": 100, "refused_count": 100, "hard_bounced_count": 10}, True, True),
        ({"refused_count": 200, "hard_bounced_count": 200}, True, True),
        ({"sent_count": 1, "refused_count": 999, "complaint_count": 1}, False, False),
        ({"sent_count": 1000, "complaint_count": 1}, True, False),
        ({"sent_count": 1000, "complaint_count": 3}, True, True),
        ({"sent_count": 1000, "soft_bounced_count": 500}, False, False),
    ],
)
def test_limits(sent: Callable[..., Sent], counts: dict[str, int], warns: bool, pauses: bool) -> None:
    mail = sent()
    MassEmail.objects.update(**counts)
    assert bool(warning(mail.reload().mass_email)) == warns
    assert guard_all() == pauses
    assert mail.reload().mass_email.is_paused == pauses
    assert bool(mail.mass_email.pause_reason) == pauses


def test_a_person_who_resumes_has_decided(sent: Callable[..., Sent]) -> None:
    mail = sent()
    MassEmail.objects.update(sent_count=200, hard_bounced_count=20)
    guard_all()
    MassEmail.objects.update(paused_at=None, pause_reason="")
    assert guard_all() == 0 and warning(mail.reload().mass_email)


def test_an_account_is_judged_by_all_that_it_sent(sent: Callable[..., Sent]) -> None:
    bad, good = sent(), sent("ben@example.com")
    MassEmail.objects.filter(pk=bad.mass_email.pk).update(sent_count=300, hard_bounced_count=60, status="complete")
    MassEmail.objects.filter(pk=good.mass_email.pk).update(sent_count=10)
    FrozenMassEmail.objects.filter(pk=good.mass_email.pk).update(account_id=bad.mass_email.account_id)
    assert guard_all() == 1
    assert str(bad.mass_email.account) in good.reload().mass_email.pause_reason


def _soft(mail: Sent, maildir: Mailbox) -> None:
    deliver(maildir, mail.bounce("4.2.2"))
    check_mailboxes()


def _again(sent: Callable[..., Sent], address: EmailAddress) -> Sent:
    """Another mass email to the same address."""
    mail = sent("other@example.com")
    mail.item.email_address_id = address.pk
    mail.item.save(update_fields=["email_address_id"])
    mail.address = address
    return mail


def test_soft_bounces_never_add_up_by_themselves(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    first = sent()
    for mail in (first, *(_again(sent, first.address) for _number in range(4))):
        _soft(mail, maildir)
    assert first.reload().address.invalid_at is None


@pytest.mark.parametrize(("reaction", "invalid"), [(False, True), (True, False)])
def test_three_soft_bounces_in_a_row_where_the_settings_say_so(
    sent: Callable[..., Sent], maildir: Mailbox, reaction: bool, invalid: bool
) -> None:
    Settings.load()
    Settings.objects.update(soft_bounce_limit=3, soft_bounce_span=0)
    first = sent()
    second, third = _again(sent, first.address), _again(sent, first.address)
    _soft(first, maildir)
    _soft(second, maildir)
    if reaction:
        LogRecord.objects.update(at=timezone.now() - timedelta(hours=1))
        count_open(first.item.pk, "GET", {"user-agent": "Thunderbird", "accept-language": "en"})
    assert first.reload().address.invalid_at is None
    _soft(third, maildir)
    assert bool(first.reload().address.invalid_at) == invalid


def test_old_soft_bounces_do_not_count(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    Settings.load()
    Settings.objects.update(soft_bounce_limit=2, soft_bounce_span=0, soft_bounce_days=10)
    first = sent()
    _soft(first, maildir)
    LogRecord.objects.update(at=timezone.now() - timedelta(days=11))
    _soft(_again(sent, first.address), maildir)
    assert first.reload().address.invalid_at is None


@pytest.mark.parametrize(
    ("days", "invalid"), [((20, 10, 0), True), ((16, 8, 0), True), ((13, 6, 0), False), ((20, 0), False)]
)
def test_as_it_comes_three_mails_over_fifteen_days_decide(
    sent: Callable[..., Sent], maildir: Mailbox, days: tuple[int, ...], invalid: bool
) -> None:
    """DUTIES B8."""
    first = sent()
    for number, ago in enumerate(days):
        mail = _again(sent, first.address) if number else first
        _soft(mail, maildir)
        LogRecord.objects.filter(queue_item_id=mail.item.pk).update(at=timezone.now() - timedelta(days=ago))
        if ago == 0:  # the last one is judged at its arrival
            assert bool(first.reload().address.invalid_at) == invalid


def test_a_delivery_in_between_starts_the_count_anew(sent: Callable[..., Sent], maildir: Mailbox) -> None:
    first = sent()
    for ago in (30, 20, 0):
        mail = _again(sent, first.address) if ago < 30 else first
        _soft(mail, maildir)
        LogRecord.objects.filter(queue_item_id=mail.item.pk).update(at=timezone.now() - timedelta(days=ago))
        if ago == 20:  # and another one that did not come back
            arrived = _again(sent, first.address)
            LogRecord.objects.create(
                campaign_id=arrived.mass_email.campaign_id, mass_email_id=arrived.mass_email.pk,
                queue_item_id=arrived.item.pk, email_address_id=first.address.pk, action=Action.SENT,
                at=timezone.now() - timedelta(days=10),
            )  # fmt: skip
    assert first.reload().address.invalid_at is None


@pytest.mark.parametrize("about_the_mail", ["5.7.1", "delayed"])
def test_what_says_nothing_of_the_person_never_adds_up(
    sent: Callable[..., Sent], maildir: Mailbox, about_the_mail: str
) -> None:
    """Refused as spam, or only late: the address may be as good as ever."""
    Settings.load()
    Settings.objects.update(soft_bounce_limit=3, soft_bounce_span=0)
    first = sent()
    for number in range(4):
        mail = _again(sent, first.address) if number else first
        late = mail.bounce("4.2.2").replace(b"4.2.2", b"4.0.0").replace(b"Action: failed", b"Action: delayed")
        late = late.replace(b"452 ", b"").replace(b"The mailbox is over its quota", b"Not yet")
        deliver(maildir, late if about_the_mail == "delayed" else mail.bounce("5.7.1"))
        check_mailboxes()
    told = set(BounceReport.objects.values_list("reason", "kind"))
    assert told == {("delayed" if about_the_mail == "delayed" else "spam", "soft")}
    assert first.reload().address.invalid_at is None
    _soft(_again(sent, first.address), maildir)
    assert first.reload().address.invalid_at is None
