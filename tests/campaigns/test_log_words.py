"""What the log and the addresses keep as codes is shown in words."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from campaigns.log_words import MACHINES, NAMES, detail_in_words, reverted_by
from campaigns.models import Action, LogRecord
from campaigns.tracking.machine import IMAGE_PROXIES, SCANNERS, Visit, why_machine
from crm.addresses.why_words import CHANNELS, why_in_words
from crm.models import EmailAddress
from tests.campaigns.pages_world import World, make_world


@pytest.mark.parametrize(
    ("action", "detail", "words"),
    [
        (Action.OPTED_OUT, "page", ""),
        (Action.OPTED_OUT, "page, entirely", "Opt-Out Entirely"),
        (Action.OPTED_OUT, "one-click", "One click in the mail program"),
        (Action.OPTED_OUT, "mailto, entirely", "Opt-out by email · Opt-Out Entirely"),
        (Action.OPTED_OUT, "complaint: abuse, entirely", "Complaint · Reported as spam · Opt-Out Entirely"),
        (Action.OPTED_IN, "preferences", "Email preferences"),
        (Action.BOUNCED, "5.1.1 User unknown", "5.1.1 User unknown"),
        (Action.BOUNCED, f"{reverted_by('Ada Nowak')} · 5.1.1 No", "Reverted by Ada Nowak · 5.1.1 No"),
        (Action.SENT, "", ""),
        (Action.CLICKED, "robot", "robot"),  # the name of a link
    ],
)
def test_a_detail_is_told_in_words(action: Action, detail: str, words: str) -> None:
    assert detail_in_words(detail, action, False) == words


def test_every_reason_to_take_a_visit_for_a_machine_has_words() -> None:
    agents = [*SCANNERS, *IMAGE_PROXIES, "curl/8", "", "mozilla/5.0", "firefox"]
    visits = [Visit("GET", {"user-agent": agent}, is_open=is_open) for agent in agents for is_open in (True, False)]
    visits += [Visit("HEAD", {}), Visit("GET", {"sec-purpose": "prefetch"})]
    visits += [Visit("GET", {"user-agent": "x"}, True, 1.0),
               Visit("GET", {"user-agent": "x", "accept-language": "en"}, links_before=9)]  # fmt: skip
    for code in {why_machine(visit) for visit in visits} - {""}:
        words = detail_in_words(code, Action.CLICKED, True)
        assert words != code and "_" not in words, code
    assert detail_in_words("trend_micro", Action.CLICKED, True) == "Link scanner: Trend Micro"
    assert detail_in_words("apple_proxy", Action.OPENED, True) == "Image proxy: Apple"
    assert detail_in_words("of tomorrow", Action.OPENED, True) == "of tomorrow"
    assert set(NAMES) <= {*SCANNERS.values(), *IMAGE_PROXIES.values(), *MACHINES}


def test_a_reverted_bounce_is_told_in_the_language_of_who_looks() -> None:
    with translation.override("fr"):
        assert not detail_in_words("Reverted by Ada · 5.1.1", Action.BOUNCED, False).startswith("Reverted by")


@pytest.mark.parametrize("channel", [*CHANNELS, "complaint: abuse"])
def test_why_an_address_has_opted_out_is_told_in_words(channel: str) -> None:
    words = CHANNELS[channel.partition(":")[0]]
    assert why_in_words(f"Unsubscribed ({channel})") == f"Unsubscribed: {words}"


@pytest.mark.parametrize("why", ["", "asked on the phone", "Unsubscribed (by letter)", "Unsubscribed"])
def test_what_a_person_wrote_stays(why: str) -> None:
    assert why_in_words(why) == why


@pytest.mark.django_db
def test_pages_show_no_code(as_administrator: Client) -> None:
    world: World = make_world()
    address = world.records[0].email_address
    assert address is not None
    EmailAddress.objects.get(pk=address.pk).mark_opted_out("Unsubscribed (one-click)")
    LogRecord.objects.filter(action=Action.CLICKED).update(is_machine=True, detail="no_language")
    log = as_administrator.get(reverse("campaigns:log", args=[world.campaign.pk]), {"machines": "on"}).content.decode()
    assert "Without a language" in log and "no_language" not in log
    for url in (reverse("crm:address_list"), world.records[0].get_absolute_url()):
        page = as_administrator.get(url).content.decode()
        assert "Unsubscribed: One click" in page and "(one-click)" not in page
