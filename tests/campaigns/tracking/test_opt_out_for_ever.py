"""Opt-out links work for ever (T7, P7): whatever was deleted since, the person gets no more mail."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns.models import Campaign, FrozenMassEmail, LogRecord, MassEmail, QueueItem
from crm.models import EmailAddress, Record
from targets.models import TargetList
from tests.campaigns.tracking.conftest import Mail


@pytest.mark.parametrize(
    "delete",
    [
        lambda: QueueItem.objects.all().delete(),
        lambda: FrozenMassEmail.objects.all().delete(),
        lambda: TargetList.objects.all().delete(),
        lambda: Record.objects.all().delete(),
        lambda: [model.objects.all().delete() for model in (MassEmail, Campaign, QueueItem, TargetList, Record)],
    ],
)
def test_where_the_lists_are_not_known_any_more_the_address_is_opted_out(
    visitor: Client, mail: Mail, delete: Callable[[], object]
) -> None:
    url = mail.opt_out_url
    delete()
    assert visitor.get(url).status_code == 200
    page = visitor.post(url)
    assert page.status_code == 200
    assert "You have been unsubscribed" in page.content.decode()
    assert mail.is_flagged()


def test_deleting_mass_email_and_campaign_leaves_the_frozen_lists(visitor: Client, mail: Mail) -> None:
    MassEmail.objects.all().delete()
    Campaign.objects.all().delete()
    visitor.post(mail.opt_out_url)
    assert not mail.is_listed()
    assert LogRecord.objects.count() == 1


def test_the_page_is_friendly_when_the_address_is_gone_too(visitor: Client, mail: Mail) -> None:
    url = mail.opt_out_url
    EmailAddress.objects.all().delete()
    assert visitor.get(url).status_code == 200
    page = visitor.post(url)
    assert page.status_code == 200
    assert "You have been unsubscribed" in page.content.decode()
    assert "Subscribe again" not in page.content.decode()
    assert visitor.get(mail.preferences_url).status_code == 200


def test_links_work_after_a_new_key_was_put_in_front(visitor: Client, mail: Mail, settings: Settings) -> None:
    url = mail.opt_out_url
    settings.HERALD_TOKEN_KEYS = ["a new key", *settings.HERALD_TOKEN_KEYS]
    assert mail.opt_out_url != url
    assert visitor.post(url).status_code == 200
    assert not mail.is_listed()
