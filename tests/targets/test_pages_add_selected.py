"""*Add to target list…* in the bulk bar of the records: asks for the list, then adds what was selected."""

from django.test import Client

from crm.models import Record
from targets.models import TargetList
from tests.factories import RecordFactory, TargetListFactory


def people(*names: str) -> list[Record]:
    return [RecordFactory.create(first_name="", last_name=name) for name in names]


def names(target_list: TargetList) -> set[str]:
    return set(target_list.memberships.values_list("record__name", flat=True))


def test_the_button_stands_on_the_record_list_of_marketers(as_marketer: Client, as_viewer: Client) -> None:
    people("Anna")
    assert "/target-lists/add/contacts/" in as_marketer.get("/contacts/").content.decode()
    assert "/target-lists/add/contacts/" not in as_viewer.get("/contacts/").content.decode()


def test_the_number_is_stated_and_the_ticked_ones_are_added(as_marketer: Client) -> None:
    anna, ben, _cleo = people("Anna", "Ben", "Cleo")
    target_list = TargetListFactory.create(records=[ben])
    body: dict[str, object] = {"selected": [anna.pk, ben.pk]}
    page = as_marketer.post("/target-lists/add/contacts/", body).content.decode()
    assert "Add 2 records to a target list" in page and names(target_list) == {"Ben"}
    body |= {"confirmed": "yes", "target_list": target_list.pk}
    page = as_marketer.post("/target-lists/add/contacts/", body, follow=True).content.decode()
    assert "1 record was added. 1 was on the list already." in page
    assert names(target_list) == {"Anna", "Ben"}


def test_all_results_go_to_a_new_list(as_marketer: Client) -> None:
    people(*(f"Anna {n}" for n in range(25)), "Ben")
    body = {"scope": "all", "query": "q=anna", "confirmed": "yes", "new_name": "Annas"}
    as_marketer.post("/target-lists/add/contacts/", body)
    assert len(names(TargetList.objects.get(name="Annas"))) == 25


def test_without_a_list_or_a_selection_nothing_happens(as_marketer: Client) -> None:
    (anna,) = people("Anna")
    body = {"selected": [anna.pk], "confirmed": "yes", "new_name": " "}
    response = as_marketer.post("/target-lists/add/contacts/", body)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["target_list"])
    page = as_marketer.post("/target-lists/add/contacts/", {"new_name": "x", "confirmed": "yes"}, follow=True)
    assert "Nothing was selected." in page.content.decode()
    assert not TargetList.objects.exists()


def test_viewers_add_nobody(as_viewer: Client) -> None:
    (anna,) = people("Anna")
    body = {"selected": [anna.pk], "confirmed": "yes", "new_name": "x"}
    assert as_viewer.post("/target-lists/add/contacts/", body).status_code == 403
    assert not TargetList.objects.exists()


def test_a_record_shows_its_lists_and_their_status(as_marketer: Client, as_viewer: Client) -> None:
    (anna,) = people("Anna")
    TargetListFactory.create(name="News", records=[anna])
    out = TargetListFactory.create(name="Offers", records=[anna])
    out.memberships.update(opted_out_at="2026-10-03T10:00Z")
    page = as_marketer.get(f"/contacts/{anna.pk}/").content.decode()
    panel = page.split('id="target-lists"')[1].split("</section>")[0]
    assert "News" in panel and "Listed" in panel and "Offers" in panel and "Cancel Opt-Out" in panel
    panel = as_viewer.get(f"/contacts/{anna.pk}/").content.decode().split('id="target-lists"')[1].split("</section>")[0]
    assert "News" in panel and "<form" not in panel


def test_unlinking_from_the_record_leads_back_to_it(as_marketer: Client) -> None:
    (anna,) = people("Anna")
    target_list = TargetListFactory.create(records=[anna])
    body = {"selected": [target_list.memberships.get().pk], "next": f"/contacts/{anna.pk}/"}
    response = as_marketer.post(f"/target-lists/{target_list.pk}/unlink/?type=contacts", body)
    assert response["Location"] == f"/contacts/{anna.pk}/"
    assert not target_list.memberships.exists()
