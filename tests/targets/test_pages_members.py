"""The panels of a list: who is on it, and Opt Out, Cancel Opt-Out, Unlink, Unlink all."""

from django.test import Client

from crm.models import AuditEntry, EntityType, Record
from targets.membership import opt_out
from targets.models import Membership, TargetList
from tests.factories import MassEmailFactory, RecordFactory, TargetListFactory


def text(client: Client, url: str) -> str:
    return client.get(url, follow=True).content.decode().split("<main")[1]


def person(name: str, kind: str = "Contact", email: str = "") -> Record:
    return RecordFactory.create(first_name="", last_name=name, kind=kind, email=email)


def list_of(*records: Record) -> TargetList:
    return TargetListFactory.create(records=list(records))


def test_each_type_has_its_panel_with_its_members(as_viewer: Client) -> None:
    target_list = list_of(person("Anna"), person("Ben", "Lead"), person("Acme", "Account"))
    page = text(as_viewer, f"/target-lists/{target_list.pk}/leads/")
    assert "Ben" in page and "Anna" not in page
    for label in ("Contacts", "Leads", "Accounts", "Users", "Opted Out"):
        assert label in page


def test_a_custom_type_has_a_panel_and_a_switched_off_one_only_with_members(as_viewer: Client) -> None:
    donor = {"key": "Donor", "slug": "donors", "label_singular": "Donor", "label_plural": "Donors"}
    EntityType.objects.create(**donor)
    target_list = list_of()
    assert "Donors" in text(as_viewer, f"/target-lists/{target_list.pk}/")
    EntityType.objects.filter(key="Donor").update(on_target_lists=False)
    assert "Donors" not in text(as_viewer, f"/target-lists/{target_list.pk}/")
    assert "Donors" in text(as_viewer, f"/target-lists/{list_of(person('Dora', 'Donor')).pk}/")


def test_opted_out_shows_all_types_and_the_mass_email(as_viewer: Client) -> None:
    target_list = list_of(person("Anna"), person("Ben", "Lead"), person("Cleo"))
    mass_email = MassEmailFactory.create(name="Last call")
    opt_out(Membership.objects.get(record__name="Anna"), mass_email.pk)
    opt_out(Membership.objects.get(record__name="Ben"), 987)  # removed since
    page = text(as_viewer, f"/target-lists/{target_list.pk}/opted-out/")
    assert "Anna" in page and "Ben" in page and "Cleo" not in page
    assert f'<a href="/mass-emails/{mass_email.pk}/">Last call</a>' in page


def test_members_are_searched_filtered_and_sorted(as_viewer: Client) -> None:
    target_list = list_of(person("Anna", email="zoe@example.com"), person("Ben", email="abe@example.com"))
    url = f"/target-lists/{target_list.pk}/contacts/"
    opt_out(Membership.objects.get(record__name="Ben"))
    assert "Ben" not in text(as_viewer, f"{url}?q=ZOE")
    assert "Anna" not in text(as_viewer, f"{url}?show=opted-out")
    assert "Ben" not in text(as_viewer, f"{url}?show=listed")
    page = text(as_viewer, f"{url}?sort=email")
    assert page.index("Ben") < page.index("Anna")


def test_opt_out_and_cancel_by_hand(as_marketer: Client) -> None:
    target_list = list_of(person("Anna"))
    member = Membership.objects.get()
    url = f"/target-lists/{target_list.pk}/members/{member.pk}"
    response = as_marketer.post(f"{url}/opt-out/", {"next": "/contacts/1/"})
    assert response["Location"] == "/contacts/1/"
    member.refresh_from_db()
    assert member.opted_out_at is not None and member.opted_out_mass_email is None
    as_marketer.post(f"{url}/opt-out/")
    as_marketer.post(f"{url}/cancel-opt-out/", {"next": "https://evil.example.net/"})
    member.refresh_from_db()
    assert member.opted_out_at is None
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["target_list.opt_out", "target_list.opt_out_canceled"]


def test_next_leads_nowhere_else(as_marketer: Client) -> None:
    target_list = list_of(person("Anna"))
    url = f"/target-lists/{target_list.pk}/members/{Membership.objects.get().pk}/opt-out/"
    for evil in ("https://evil.example.net/", "//evil.example.net", "javascript:alert(1)", "/\\evil.example.net"):
        assert as_marketer.post(url, {"next": evil})["Location"] == f"/target-lists/{target_list.pk}/"


def test_a_member_of_another_list_is_not_touched(as_marketer: Client) -> None:
    mine, other = list_of(), list_of(person("Anna"))
    member = other.memberships.get()
    assert as_marketer.post(f"/target-lists/{mine.pk}/members/{member.pk}/opt-out/").status_code == 404
    as_marketer.post(f"/target-lists/{mine.pk}/unlink/?type=contacts", {"selected": [member.pk]})
    assert other.memberships.listed().count() == 1


def test_ticked_members_are_unlinked(as_marketer: Client) -> None:
    target_list = list_of(person("Anna"), person("Ben"), person("Cleo"))
    chosen = list(target_list.memberships.values_list("pk", flat=True))[:2]
    body = {"selected": [*chosen, "x", "-1", "9" * 40]}
    page = as_marketer.post(f"/target-lists/{target_list.pk}/unlink/?type=contacts", body, follow=True)
    assert "2 records were unlinked." in page.content.decode()
    assert target_list.memberships.count() == 1
    assert Record.objects.filter(name__in=["Anna", "Ben", "Cleo"]).count() == 3


def test_all_results_are_unlinked_by_the_query_and_no_more(as_marketer: Client) -> None:
    target_list = list_of(*(person(f"Anna {n}") for n in range(25)), person("Ben"), person("Anna L", "Lead"))
    body = {"scope": "all", "query": "q=anna"}
    as_marketer.post(f"/target-lists/{target_list.pk}/unlink/?type=contacts", body)
    assert set(target_list.memberships.values_list("record__name", flat=True)) == {"Ben", "Anna L"}


def test_unlinking_all_results_spares_opt_outs_unless_they_are_what_is_shown(as_marketer: Client) -> None:
    target_list = list_of(*(person(f"Anna {n}") for n in range(25)))
    opt_out(target_list.memberships.all()[0])
    url = f"/target-lists/{target_list.pk}/unlink/?type=contacts"
    page = as_marketer.post(url, {"scope": "all"}, follow=True).content.decode()
    assert "24 records were unlinked." in page and "1 who opted out was kept." in page
    as_marketer.post(url, {"scope": "all", "query": "show=opted-out"})
    assert not target_list.memberships.exists()


def test_nothing_ticked_changes_nothing(as_marketer: Client) -> None:
    target_list = list_of(person("Anna"))
    page = as_marketer.post(f"/target-lists/{target_list.pk}/unlink/?type=contacts", follow=True).content.decode()
    assert "Nothing was selected." in page
    assert target_list.memberships.count() == 1
    assert as_marketer.post(f"/target-lists/{target_list.pk}/unlink/?type=evil", {"scope": "all"}).status_code == 404


def test_unlink_all_asks_and_keeps_opt_outs_unless_told(as_marketer: Client) -> None:
    target_list = list_of(person("Anna"), person("Ben"), person("Cleo"))
    opt_out(target_list.memberships.all()[0])
    url = f"/target-lists/{target_list.pk}/unlink-all/"
    page = text(as_marketer, url)
    assert "The list has 3 entries" in page and "Unlink also the one who opted out" in page
    as_marketer.post(url)
    assert target_list.memberships.count() == 1
    as_marketer.post(url, {"forget": "on"})
    assert target_list.memberships.count() == 0
