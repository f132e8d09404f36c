"""The mass email editor, its arithmetic and preview, its page and queue."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import CampaignType, MassEmail, MassEmailStatus, QueueItem, QueueStatus
from crm.models import EmailAccount, User
from tests.campaigns.pages_world import World, make_world
from tests.factories import EmailAccountFactory, RecordFactory, TargetListFactory, TemplateFactory


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def values(world: World, **changes: Any) -> dict[str, Any]:
    start = timezone.now() + timedelta(days=3)
    return {
        "name": "Last call", "template": world.template.pk, "target_lists": [world.target_list.pk],
        "excluding_target_lists": [world.excluding.pk], "start_at": start.strftime("%Y-%m-%dT%H:%M"), "account": "",
        "from_address": "news@acme.example.com", "from_name": "Maya", "reply_to_address": "", "reply_to_name": "",
        **changes,
    }  # fmt: skip


def url(world: World, name: str = "edit") -> str:
    return reverse(f"campaigns:mass_email_{name}", args=[world.draft.pk])


def test_a_new_one_is_a_draft_with_the_lists_of_the_campaign(world: World, as_marketer: Client, marketer: User) -> None:
    address = reverse("campaigns:mass_email_new", args=[world.campaign.pk])
    form = as_marketer.get(address).context["form"]
    assert form.initial["name"].startswith("Autumn launch ")
    assert form.initial["target_lists"] == [world.target_list]
    assert form.initial["excluding_target_lists"] == [world.excluding]
    as_marketer.post(address, values(world, name="Fresh"))
    made = MassEmail.objects.get(name="Fresh")
    assert (made.status, made.campaign, made.assigned_user) == (MassEmailStatus.DRAFT, world.campaign, marketer)
    assert list(made.target_lists.all()) == [world.target_list]


def test_a_draft_may_lack_everything_but_its_name(world: World, as_marketer: Client) -> None:
    as_marketer.post(reverse("campaigns:mass_email_new", args=[world.campaign.pk]), {"name": "Bare"})
    made = MassEmail.objects.get(name="Bare")
    assert made.template is None
    for name in ("detail", "edit", "preview", "schedule", "send_test", "audience"):
        page = as_marketer.get(reverse(f"campaigns:mass_email_{name}", args=[made.pk]))
        assert page.status_code == 200, name


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "Last\x00call"}, "name", "Null characters"),
        ({"from_name": "Maya\r\nBcc: all@example.com"}, "from_name", "Line breaks"),
        ({"reply_to_name": "Maya\nX: y"}, "reply_to_name", "Line breaks"),
        ({"from_name": "Maya\u2028X"}, "from_name", "Line breaks"),
        ({"from_address": "news@acme.example.com, all@example.com"}, "from_address", "not an email address"),
        ({"from_address": "news@acme.example.com\r\nBcc: x@example.com"}, "from_address", "not an email address"),
        ({"from_address": "nobody"}, "from_address", "not an email address"),
        ({"reply_to_address": "<script>@example.com"}, "reply_to_address", "not an email address"),
        ({"start_at": "2001-01-01T09:00"}, "start_at", "in the past"),
        ({"start_at": "tomorrow"}, "start_at", "valid date"),
        ({"template": "987"}, "template", "valid choice"),
        ({"target_lists": ["987"]}, "target_lists", "valid choice"),
        ({"account": "987"}, "account", "valid choice"),
    ],
)
def test_bad_input_is_shown_at_its_field_and_nothing_is_stored(
    changes: dict[str, Any], field: str, words: str, world: World, as_marketer: Client
) -> None:
    before = MassEmail.objects.filter(pk=world.draft.pk).values().get()
    answer = as_marketer.post(url(world), values(world, **changes))
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert f'id="id_{field}_errors"' in answer.content.decode()
    assert MassEmail.objects.filter(pk=world.draft.pk).values().get() == before


def test_the_date_is_in_the_zone_of_the_person(world: World, as_marketer: Client, marketer: User) -> None:
    User.objects.filter(pk=marketer.pk).update(time_zone="Europe/Madrid")
    year = timezone.now().year + 1
    as_marketer.post(url(world), values(world, start_at=f"{year}-07-28T09:00"))
    world.draft.refresh_from_db()
    assert world.draft.start_at is not None
    assert world.draft.start_at.strftime("%H:%M") == "07:00"
    page = as_marketer.get(url(world)).content.decode()
    assert f'value="{year}-07-28T09:00"' in page
    assert "Europe/Madrid" in page


def test_an_hour_that_the_clock_skips_is_refused(world: World, as_marketer: Client, marketer: User) -> None:
    User.objects.filter(pk=marketer.pk).update(time_zone="Europe/Madrid")
    answer = as_marketer.post(url(world), values(world, start_at="2032-03-28T02:30"))
    assert "may be ambiguous or it may not exist" in str(answer.context["form"].errors["start_at"])


def test_only_accounts_for_mass_email_are_offered(world: World, as_marketer: Client) -> None:
    EmailAccountFactory.create(name="News")
    EmailAccountFactory.create(name="Private", is_for_mass_email=False)
    page = as_marketer.get(url(world)).content.decode()
    assert "News" in page
    assert "Private" not in page


def test_what_is_being_sent_cannot_be_edited(world: World, as_marketer: Client) -> None:
    address = reverse("campaigns:mass_email_edit", args=[world.sending.pk])
    assert as_marketer.get(address)["Location"] == world.sending.get_absolute_url()
    as_marketer.post(address, values(world, name="Changed"))
    world.sending.refresh_from_db()
    assert world.sending.name == "Launch day"


def test_a_scheduled_one_cannot_lose_what_it_needs(world: World, as_marketer: Client) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(status=MassEmailStatus.PENDING)
    answer = as_marketer.post(url(world), values(world, template="", target_lists=[], start_at=""))
    assert set(answer.context["form"].errors) == {"template", "target_lists", "start_at"}


def test_a_scheduled_one_that_is_no_longer_ready_goes_back_to_draft(world: World, as_marketer: Client) -> None:
    MassEmail.objects.filter(pk=world.draft.pk).update(status=MassEmailStatus.PENDING)
    nobody = TargetListFactory.create()
    page = as_marketer.post(url(world), values(world, target_lists=[nobody.pk]), follow=True)
    world.draft.refresh_from_db()
    assert world.draft.status == MassEmailStatus.DRAFT
    assert "It went back to Draft" in page.content.decode()


def test_the_arithmetic_follows_the_lists_of_the_form(world: World, as_marketer: Client) -> None:
    address = reverse("campaigns:audience", args=[world.campaign.pk])
    everybody = as_marketer.get(address, {"target_lists": world.target_list.pk}).content.decode()
    assert '<strong class="big">4</strong>' in everybody
    fewer = as_marketer.get(
        address, {"target_lists": world.target_list.pk, "excluding_target_lists": world.excluding.pk}
    ).content.decode()
    assert '<strong class="big">3</strong>' in fewer
    assert "reason=excluded" in fewer
    assert 'id="forecast"' in fewer
    assert "Nobody is on these lists." in as_marketer.get(address).content.decode()


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 30, "1;DROP TABLE crm_record", "１２", "\0"])
def test_junk_in_the_query_is_nobodys_list(junk: str, world: World, as_marketer: Client) -> None:
    query = {
        "target_lists": junk,
        "template": junk,
        "record": junk,
        "reason": junk,
        "page": junk,
        "start_at": junk,
        "q": junk,
    }
    for name in ("audience", "preview", "log"):
        assert as_marketer.get(reverse(f"campaigns:{name}", args=[world.campaign.pk]), query).status_code == 200
    for name in ("audience", "queue", "preview"):
        assert (
            as_marketer.get(reverse(f"campaigns:mass_email_{name}", args=[world.sending.pk]), query).status_code == 200
        )


def test_every_number_of_the_arithmetic_opens_its_people(world: World, as_marketer: Client) -> None:
    excluded = world.excluding.memberships.get().record
    people = as_marketer.get(url(world, "audience")).content.decode()
    left_out = as_marketer.get(url(world, "audience"), {"reason": "excluded"}).content.decode()
    for record in world.records:
        assert str(record) in people
        assert str(record) not in left_out
    assert str(excluded) in left_out
    assert str(excluded) not in people


def test_the_preview_shows_a_real_person_and_the_next_one(world: World, as_marketer: Client) -> None:
    first, second = world.records[:2]
    address = reverse("campaigns:preview", args=[world.campaign.pk])
    query = {"template": world.template.pk, "target_lists": world.target_list.pk}
    shown = as_marketer.get(address, query).context["viewed"]
    assert (shown.person, shown.next_id, shown.previous_id) == (first, second.pk, None)
    assert shown.mail.subject == "Hello Ines"
    worst = as_marketer.get(address, {**query, "worst": 1}).context["viewed"]
    assert worst.mail.subject == "Hello there"


def test_the_preview_document_can_run_nothing(world: World, as_marketer: Client) -> None:
    world.template.body = "<p onclick='x()'>Hi {Person.firstName}</p><script>alert(1)</script>"
    world.template.save(update_fields=["body"])
    address = reverse("campaigns:preview_document", args=[world.campaign.pk])
    answer = as_marketer.get(address, {"template": world.template.pk, "record": world.records[0].pk})
    assert "Hi Ines" in answer.content.decode()
    assert "<script" not in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = as_marketer.get(reverse("campaigns:preview", args=[world.campaign.pk]), {"template": world.template.pk})
    assert " sandbox src=" in page.content.decode()
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_what_was_sent_is_shown_as_it_was_frozen(world: World, as_marketer: Client) -> None:
    world.template.body = "<p>Changed</p>"
    world.template.save(update_fields=["body"])
    address = reverse("campaigns:mass_email_preview", args=[world.sending.pk])
    assert "Dear Ines" in as_marketer.get(address).content.decode()
    assert "Dear {Person.firstName}" in as_marketer.get(address, {"part": "text"}).content.decode()


def test_the_page_says_what_holds_it_up(world: World, as_marketer: Client) -> None:
    assert "never sent until you schedule it" in as_marketer.get(world.draft.get_absolute_url()).content.decode()
    MassEmail.objects.filter(pk=world.sending.pk).update(
        paused_at=timezone.now(), pause_reason="The list <b>is</b> gone."
    )
    page = as_marketer.get(world.sending.get_absolute_url()).content.decode()
    assert "The list &lt;b&gt;is&lt;/b&gt; gone." in page


def test_the_queue_has_a_row_and_a_reason_for_everybody(world: World, as_marketer: Client) -> None:
    items = list(QueueItem.objects.filter(mass_email_id=world.sending.pk, status=QueueStatus.PENDING))
    QueueItem.objects.filter(pk=items[0].pk).update(
        status=QueueStatus.FAILED, reason="mailbox_full", reply="452 4.2.2 <full>", attempts=3
    )
    QueueItem.objects.filter(pk=items[1].pk).update(status=QueueStatus.UNCERTAIN, reason="no_reply")
    address = reverse("campaigns:mass_email_queue", args=[world.sending.pk])
    failed = as_marketer.get(address, {"state": "failed"}).content.decode()
    assert "The mailbox is full" in failed
    assert "452 4.2.2 &lt;full&gt;" in failed
    skipped = as_marketer.get(address, {"state": "skipped", "reason": "excluded"})
    assert [line.row.item.reason for line in skipped.context["list"].lines()] == ["excluded"]
    uncertain = as_marketer.get(address, {"state": "uncertain"}).content.decode()
    assert reverse("campaigns:mass_email_resend_uncertain", args=[world.sending.pk]) in uncertain
    chips = {str(chip.label): chip.count for chip in skipped.context["list"].shown_chips()}
    assert chips == {"All": 4, "Sent": 1, "Failed": 1, "Uncertain": 1, "Skipped": 1}
    found = as_marketer.get(address, {"q": world.records[0].last_name})
    assert len(found.context["list"].lines()) == 1
    panel = as_marketer.get(address, {"state": "failed"}, headers={"HX-Request": "true", "HX-Target": "queue"})
    assert [row.item.reason for row in panel.context["queue_page"].object_list] == ["mailbox_full"]
    assert {str(chip["label"]): chip["count"] for chip in panel.context["queue_chips"]} == chips


def test_the_queue_survives_the_removal_of_its_people(world: World, as_marketer: Client) -> None:
    for record in world.records:
        record.delete()
    assert as_marketer.get(reverse("campaigns:mass_email_queue", args=[world.sending.pk])).status_code == 200
    assert as_marketer.get(reverse("campaigns:log", args=[world.campaign.pk])).status_code == 200


def test_progress_tells_the_page_to_come_anew_when_it_is_over(world: World, as_marketer: Client) -> None:
    address = reverse("campaigns:mass_email_progress", args=[world.sending.pk])
    first = as_marketer.get(address, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in first
    assert 'hx-trigger="every 5s"' in first.content.decode()
    MassEmail.objects.filter(pk=world.sending.pk).update(status=MassEmailStatus.COMPLETE)
    assert as_marketer.get(address)["HX-Refresh"] == "true"


def test_an_informational_campaign_counts_opted_out_people_in(world: World, as_marketer: Client) -> None:
    out = RecordFactory.create()
    assert out.email_address is not None
    out.email_address.mark_opted_out("test")
    target_list = TargetListFactory.create(records=[out])
    address = reverse("campaigns:audience", args=[world.campaign.pk])
    assert "Nobody" not in as_marketer.get(address, {"target_lists": target_list.pk}).content.decode()
    assert "reason=opted_out" in as_marketer.get(address, {"target_lists": target_list.pk}).content.decode()
    world.campaign.type = CampaignType.INFORMATIONAL
    world.campaign.save(update_fields=["type"])
    assert "reason=opted_out" not in as_marketer.get(address, {"target_lists": target_list.pk}).content.decode()


def test_the_editor_asks_the_database_a_bounded_number_of_times(
    world: World, as_marketer: Client, django_assert_max_num_queries: Any
) -> None:
    for _number in range(15):
        TargetListFactory.create(records=[RecordFactory.create()])
        TemplateFactory.create()
        EmailAccountFactory.create()
    with django_assert_max_num_queries(75):
        as_marketer.get(url(world))
    with django_assert_max_num_queries(40):
        as_marketer.get(world.sending.get_absolute_url())
    with django_assert_max_num_queries(20):
        as_marketer.get(reverse("campaigns:mass_email_queue", args=[world.sending.pk]))
    with django_assert_max_num_queries(20):
        as_marketer.get(url(world, "audience"))
    assert EmailAccount.objects.count() > 15


def test_a_template_made_for_it_is_chosen_on_the_way_back(world: World, as_marketer: Client) -> None:
    fresh = TemplateFactory.create(name="Fresh")
    for address in (url(world), reverse("campaigns:mass_email_new", args=[world.campaign.pk])):
        page = as_marketer.get(address, {"template": fresh.pk})
        assert f'<option value="{fresh.pk}" selected>Fresh</option>' in page.content.decode()
        assert page.context["viewed"].template == fresh
        assert as_marketer.get(address, {"template": "9" * 30}).status_code == 200
