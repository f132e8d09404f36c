"""Preferences: the lists of one person (T20)."""

import pytest
from django.test import Client

from campaigns.models import Action
from campaigns.tracking.tokens import Purpose, make
from targets.models import TargetList
from tests.campaigns.tracking.conftest import Mail, logged
from tests.factories import CampaignFactory, RecordFactory, TargetListFactory


@pytest.fixture
def events(mail: Mail) -> TargetList:
    return TargetListFactory.create(name="Events", records=[mail.record])


def save(visitor: Client, mail: Mail, shown: list[TargetList], ticked: list[TargetList], **more: str) -> None:
    form = {
        "preferences": make(Purpose.PREFERENCES, mail.item.pk, mail.address.pk),
        "shown": [row.pk for row in shown],
        "list": [row.pk for row in ticked],
        **more,
    }
    response = visitor.post(mail.opt_out_url, form)
    assert response.status_code == 303
    assert "Your choice is saved" in visitor.get(response["Location"]).content.decode()


def test_only_the_persons_own_lists_are_shown(visitor: Client, mail: Mail, events: TargetList) -> None:
    TargetListFactory.create(name="Somebody else's", records=[RecordFactory.create()])
    page = visitor.get(mail.preferences_url).content.decode()
    assert "Newsletter EU" in page
    assert "Monthly stories" in page
    assert "Events" in page
    assert "Somebody else" not in page
    assert "ines@rocha.example.com" not in page


def test_a_list_that_only_excludes_is_not_shown(visitor: Client, mail: Mail) -> None:
    competitors = TargetListFactory.create(name="Competitors", records=[mail.record])
    CampaignFactory.create().excluding_target_lists.add(competitors)
    assert "Competitors" not in visitor.get(mail.preferences_url).content.decode()


def test_looking_changes_nothing_and_posting_here_is_refused(visitor: Client, mail: Mail) -> None:
    visitor.get(mail.preferences_url)
    assert visitor.head(mail.preferences_url).status_code == 200
    assert visitor.post(mail.preferences_url, {"stop": "1"}).status_code in (403, 405)
    assert mail.is_listed()


def test_unticked_lists_are_left_and_ticked_ones_joined_again(visitor: Client, mail: Mail, events: TargetList) -> None:
    save(visitor, mail, [mail.target_list, events], [events])
    assert not mail.is_listed()
    assert mail.is_listed(events)
    save(visitor, mail, [mail.target_list, events], [mail.target_list])
    assert mail.is_listed()
    assert not mail.is_listed(events)
    actions = [action for action, _machine in logged(mail)]
    assert actions == [Action.OPTED_OUT, Action.OPTED_OUT, Action.OPTED_IN]


def test_a_list_that_the_form_did_not_show_stays_as_it_is(visitor: Client, mail: Mail, events: TargetList) -> None:
    save(visitor, mail, [mail.target_list], [mail.target_list])
    assert mail.is_listed(events)


def test_lists_of_others_cannot_be_joined_or_left(visitor: Client, mail: Mail) -> None:
    stranger = RecordFactory.create()
    foreign = TargetListFactory.create(records=[stranger])
    save(visitor, mail, [mail.target_list, foreign], [foreign])
    assert stranger.memberships.get().opted_out_at is None
    assert not mail.record.memberships.filter(target_list=foreign).exists()


def test_stop_all_flags_the_address_and_can_be_taken_back(visitor: Client, mail: Mail, events: TargetList) -> None:
    shown = [mail.target_list, events]
    save(visitor, mail, shown, shown, stop="1")
    assert mail.is_flagged()
    assert "gets no marketing email" in visitor.get(mail.preferences_url).content.decode()
    save(visitor, mail, shown, shown, stopped="1")
    assert not mail.is_flagged()
    assert mail.is_listed()


def test_an_old_form_does_not_take_back_a_stop_that_it_never_showed(visitor: Client, mail: Mail) -> None:
    mail.address.mark_opted_out("Complaint")
    save(visitor, mail, [mail.target_list], [mail.target_list])
    assert mail.is_flagged()


def test_the_token_must_belong_to_the_person_of_the_address_bar(visitor: Client, mail: Mail) -> None:
    for token in (make(Purpose.PREFERENCES, mail.item.pk, 999), make(Purpose.OPT_OUT, mail.item.pk, mail.address.pk)):
        assert visitor.post(mail.opt_out_url, {"preferences": token, "stop": "1"}).status_code == 404
    assert not mail.is_flagged()
    assert mail.is_listed()


def test_a_test_mail_changes_nobody(visitor: Client, test_mail: Mail) -> None:
    form = {
        "preferences": make(Purpose.PREFERENCES, test_mail.item.pk, test_mail.address.pk),
        "shown": [test_mail.target_list.pk],
    }
    visitor.post(test_mail.opt_out_url, form)
    visitor.post(test_mail.opt_out_url, {**form, "stop": "1"})
    assert test_mail.is_listed()
    assert not test_mail.is_flagged()
    assert "This is a test email" in visitor.get(test_mail.preferences_url).content.decode()
