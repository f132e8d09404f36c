"""What makes sending impossible pauses with a reason that a person can act on: never a crash loop, never silence."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import FrozenMassEmail, Link, MassEmail, MassEmailStatus, Portion, PortionStatus
from campaigns.progress import why_not_sending
from campaigns.sending.deliver import send_portion
from campaigns.sending.portions import cut_portions, spent
from campaigns.sending.queue import start_due
from crm.models import EmailAccount, Record, Settings, User
from tests.campaigns.sending.conftest import Run, states
from tests.factories import EmailAccountFactory, TemplateFactory, TrackingUrlFactory
from tests.smtp_server import SmtpServer

Due = Callable[..., MassEmail]
Limit = Callable[..., None]


def nothing_happened(mass_email: MassEmail, reason: str) -> None:
    """Paused with this reason; nobody touched, nothing left open, nothing taken from the hour."""
    mass_email.refresh_from_db()
    assert mass_email.is_paused and reason in mass_email.pause_reason
    assert reason in why_not_sending(mass_email)
    assert set(states(mass_email)) <= {"PENDING"}
    assert not Portion.objects.exclude(status=PortionStatus.DONE).exists()
    assert spent(timezone.now()) == 0
    assert cut_portions() == []


def test_a_password_that_cannot_be_decrypted(due: Due, run: Run) -> None:
    mass_email = due(people=2)
    EmailAccount.objects.filter(pk=mass_email.account_id).update(smtp_auth=True, smtp_secret="from another set-up")
    run()
    nothing_happened(mass_email, "password cannot be read")


@pytest.mark.parametrize("content", [{}, {"subject": None}, [], {"subject": [["x"]], "html": None, "text": []}])
def test_frozen_content_that_cannot_be_read(content: object, due: Due) -> None:
    mass_email = due(people=2)
    start_due()
    FrozenMassEmail.objects.filter(pk=mass_email.pk).update(content=content)
    for pk in cut_portions():
        send_portion(pk)
    nothing_happened(mass_email, "content")


def test_frozen_form_that_is_gone(due: Due) -> None:
    mass_email = due(people=2)
    start_due()
    portions = cut_portions()
    FrozenMassEmail.objects.all().delete()
    for pk in portions:
        send_portion(pk)
    nothing_happened(mass_email, "content")


def test_an_account_that_is_switched_off_between_two_runs(due: Due, run: Run) -> None:
    mass_email = due(people=2)
    start_due()
    EmailAccount.objects.filter(pk=mass_email.account_id).update(status="inactive")
    run()
    nothing_happened(mass_email, "is not active")


@pytest.mark.parametrize("already_cut", [False, True])
def test_a_deleted_account_pauses_and_a_person_goes_on_with_the_system_account(
    already_cut: bool, due: Due, run: Run, server: SmtpServer, marketer: User
) -> None:
    mass_email = due(people=3)
    start_due()
    portions = cut_portions() if already_cut else []
    EmailAccount.objects.filter(pk=mass_email.account_id).delete()
    EmailAccount.objects.filter(is_system=True).update(is_system=False)
    EmailAccountFactory.create(smtp_port=server.port, is_system=True, email_address="system@acme.example.com")
    for pk in portions:
        send_portion(pk)
    run()
    nothing_happened(mass_email, "account was deleted")
    lifecycle.resume(mass_email, marketer)
    run()
    assert states(mass_email) == {"SENT": 3}
    assert {message.sender for message in server.messages} == {"system@acme.example.com"}
    assert all(b"news@acme.example.com" in message.data for message in server.messages), "the frozen sender stays"


def test_a_deleted_account_without_any_other_stays_paused(due: Due, run: Run, marketer: User) -> None:
    mass_email = due(people=1)
    start_due()
    EmailAccount.objects.all().delete()
    run()
    mass_email.refresh_from_db()
    with pytest.raises(lifecycle.NotPossible, match="system account"):
        lifecycle.resume(mass_email, marketer)
    nothing_happened(mass_email, "account was deleted")


def test_a_value_that_is_none_of_its_kind_is_written_as_it_stands(due: Due, run: Run, server: SmtpServer) -> None:
    """A date that looks like one and is none: imported long ago, found while the message is made."""
    template = TemplateFactory.create(body="<p>Born {Contact.birthday}</p>")
    mass_email = due(people=3, template=template)
    first = Record.objects.order_by("pk").first()
    assert first is not None
    first.entity_type.fields.create(name="birthday", label="Birthday", kind="date", position=99)
    first.values = {"birthday": "2026-13-45"}
    first.save()
    run()
    assert states(mass_email) == {"SENT": 3}
    assert sum(b"2026-13-45" in message.data for message in server.messages) == 1


def test_a_site_url_that_no_header_can_carry_is_said_at_once(due: Due, run: Run, server: SmtpServer) -> None:
    """Every List-Unsubscribe would be refused, each with another token in its text."""
    mass_email = due(people=30)
    Settings.load()
    Settings.objects.update(site_url="http://müller.example")
    run()
    assert server.messages == [] or states(mass_email) == {"SENT": 30}
    mass_email.refresh_from_db()
    assert mass_email.failed_count == 0, "nobody fails because of a setting"
    assert states(mass_email) == {"SENT": 30} or mass_email.is_paused


def test_one_mass_email_that_cannot_start_does_not_keep_the_others_from_sending(
    due: Due, run: Run, server: SmtpServer
) -> None:
    poison = due(people=2, template=TemplateFactory.create(body="<div>" * 20_000 + "x"))
    good = due(people=2)
    run()
    poison.refresh_from_db()
    good.refresh_from_db()
    assert good.status == MassEmailStatus.COMPLETE
    assert poison.is_paused and poison.pause_reason


def test_links_that_were_frozen_twice_do_not_stop_the_start(due: Due, run: Run, server: SmtpServer) -> None:
    """Two people press *Send Test* at once: each freezes the same link."""
    mass_email = due(people=1)
    url = TrackingUrlFactory.create(campaign=mass_email.campaign)
    mass_email.template.body = f'<p><a href="{{trackingUrl:{url.code}}}">demo</a></p>'
    mass_email.template.save()
    for _twice in range(2):
        Link.objects.create(
            mass_email_id=mass_email.pk, tracking_url_id=url.pk, code=url.code, name=url.name, url=url.url
        )
    run()
    assert states(mass_email) == {"SENT": 1}


def test_a_journal_that_cannot_be_made_stops_sending(
    due: Due, run: Run, server: SmtpServer, settings, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "not-a-folder").touch()
    settings.HERALD_JOURNAL_DIR = tmp_path / "not-a-folder"
    mass_email = due(people=2)
    run()
    assert server.messages == []
    nothing_happened(mass_email, "journal")
