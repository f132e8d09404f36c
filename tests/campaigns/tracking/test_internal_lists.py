"""Lists that Herald made as helpers are not named to recipients, and an opt-out covers them all the same."""

import pytest
from django.test import Client

from campaigns.models import FrozenMassEmail
from campaigns.tracking.tokens import Purpose, make
from targets.models import TargetList
from tests.campaigns.tracking.conftest import Mail
from tests.factories import MassEmailFactory, TargetListFactory

NAME = "P slow · did not click"


@pytest.fixture
def helper(mail: Mail) -> TargetList:
    """The mail of the fixture is now one that was sent again, to a list made for that."""
    made: TargetList = TargetListFactory.create(name=NAME, records=[mail.record], is_internal=True)
    FrozenMassEmail.objects.update(target_lists={str(made.pk): made.name})
    mail.mass_email.target_lists.set([made])
    return made


def save(visitor: Client, mail: Mail, shown: list[TargetList], ticked: list[TargetList]) -> None:
    token = make(Purpose.PREFERENCES, mail.item.pk, mail.address.pk)
    form = {"preferences": token, "shown": [row.pk for row in shown], "list": [row.pk for row in ticked]}
    assert visitor.post(mail.opt_out_url, form).status_code == 303


def test_no_page_names_the_list(visitor: Client, mail: Mail, helper: TargetList) -> None:
    asked = visitor.get(mail.opt_out_url).content.decode()
    done = visitor.post(mail.opt_out_url).content.decode()
    offered = visitor.get(mail.preferences_url).content.decode()
    assert [page for page in (asked, done, offered) if NAME in page] == []
    assert [page for page in (asked, done, offered) if "Newsletter EU" not in page] == []


def test_an_opt_out_covers_what_it_covered(visitor: Client, mail: Mail, helper: TargetList) -> None:
    visitor.post(mail.opt_out_url)
    assert not mail.is_listed(helper)
    assert not mail.is_listed()
    assert not mail.is_flagged()


def test_who_leaves_after_a_list_was_made_to_send_again_leaves_that_list_too(visitor: Client, mail: Mail) -> None:
    again = TargetListFactory.create(name=NAME, records=[mail.record], is_internal=True)
    other = TargetListFactory.create(name="Of another campaign", records=[mail.record], is_internal=True)
    MassEmailFactory.create(campaign=mail.mass_email.campaign, lists=[again])
    MassEmailFactory.create(lists=[other])
    visitor.post(mail.opt_out_url)
    assert not mail.is_listed(again)
    assert mail.is_listed(other)


def test_without_a_list_that_has_a_name_the_page_promises_no_more_than_it_does(
    visitor: Client, mail: Mail, helper: TargetList
) -> None:
    mail.target_list.delete()
    mail.mass_email.campaign.target_lists.clear()
    asked = visitor.get(mail.opt_out_url).content.decode()
    done = visitor.post(mail.opt_out_url).content.decode()
    assert "will no longer get emails like this one." in asked
    assert "no longer gets emails like this one." in done
    assert [page for page in (asked, done) if "marketing email." in page.partition("<h2>")[0]] == []


def test_who_keeps_the_list_keeps_what_is_sent_again(visitor: Client, mail: Mail, helper: TargetList) -> None:
    events = TargetListFactory.create(name="Events", records=[mail.record])
    save(visitor, mail, [mail.target_list, events], [mail.target_list])
    assert mail.is_listed(helper)


def test_who_leaves_the_list_leaves_what_is_sent_again(visitor: Client, mail: Mail, helper: TargetList) -> None:
    events = TargetListFactory.create(name="Events", records=[mail.record])
    save(visitor, mail, [mail.target_list, events], [events])
    assert not mail.is_listed(helper)
    assert mail.is_listed(events)


def test_who_wants_no_list_is_on_none(visitor: Client, mail: Mail) -> None:
    unused = TargetListFactory.create(name="From the log", records=[mail.record], is_internal=True)
    save(visitor, mail, [mail.target_list], [mail.target_list])
    assert mail.is_listed(unused)
    save(visitor, mail, [mail.target_list], [])
    assert not mail.is_listed(unused)


def test_an_internal_list_cannot_be_chosen_by_a_form_that_was_made_up(
    visitor: Client, mail: Mail, helper: TargetList
) -> None:
    MassEmailFactory.create(campaign=mail.mass_email.campaign, lists=[helper])
    save(visitor, mail, [mail.target_list, helper], [mail.target_list])
    assert mail.is_listed(helper)
