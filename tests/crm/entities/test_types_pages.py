"""Entity Manager: a type is made, changed and ordered, and is everywhere at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.entities.types import MOST_TYPES, TypeRefused, create_type
from crm.models import AuditEntry, EntityType, User
from tests.factories import EntityFieldFactory, EntityTypeFactory, RecordFactory, TargetListFactory, TemplateFactory

pytestmark = pytest.mark.django_db
MEMBER = {"label_singular": "Member", "label_plural": "Members", "base": "person", "icon": "id-badge", "tone": "teal",
          "on_target_lists": "on"}  # fmt: skip


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def test_a_type_is_created_and_told_of(as_administrator: Client) -> None:
    answer = as_administrator.post(reverse("crm:entity_new"), MEMBER)
    made = EntityType.objects.get(key="Member")
    assert answer["Location"] == reverse("crm:entity_detail", args=[made.pk])
    assert (made.slug, made.tone, made.is_builtin, made.position) == ("members", "teal", False, 50)
    assert AuditEntry.objects.get(action="entity_type.created").object_label == "Members"


def test_it_is_everywhere_at_once(as_administrator: Client, as_marketer: Client) -> None:
    as_administrator.post(reverse("crm:entity_new"), MEMBER)
    made = EntityType.objects.get(key="Member")
    as_administrator.post(
        f"{reverse('crm:entity_field_new', args=[made.pk])}?kind=choice",
        {"label": "Tier", "choices": "Gold\nSilver", "on_list": "on", "default": "Silver"},
    )
    home = page(as_marketer, "/")
    assert 'href="/members/"' in home and 'href="/members/new/"' in home
    assert 'value="Silver" selected' in page(as_marketer, "/members/new/")
    as_marketer.post("/members/new/", {"last_name": "Rocha", "email": "r@example.com", "f_tier": "Gold"})
    record = made.records.get()
    listed = page(as_marketer, "/members/")
    assert "Rocha" in listed and "Tier" in listed and "Gold" in listed
    assert "Gold" in page(as_marketer, record.get_absolute_url())
    where = '{"all":[["f_tier","any",["Gold"]]]}'
    assert "Rocha" in as_marketer.get("/members/", {"where": where}).content.decode()
    assert "Rocha" not in as_marketer.get("/members/", {"where": where.replace("Gold", "Silver")}).content.decode()
    exported = as_marketer.post("/members/export/", {"selected": [record.pk]})
    assert b"Tier" in b"".join(exported) and exported.status_code == 200
    assert "Rocha" in page(as_marketer, "/search/?q=rocha")
    target_list = TargetListFactory.create(records=[record])
    assert "Members" in page(as_marketer, f"/target-lists/{target_list.pk}/members/")
    template = TemplateFactory.create(body="<p>Your tier: {Member.tier}</p>")
    editor = page(as_marketer, f"/email-templates/{template.pk}/edit/")
    assert "{Member.tier}" in editor and "Member.tier" in editor.partition("completions")[2]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"label_singular": ""}, "label_singular"),
        ({"label_singular": "x" * 61}, "label_singular"),
        ({"label_singular": "Mem\u202eber"}, "label_singular"),
        ({"label_singular": "Mem\r\nber"}, "label_singular"),
        ({"label_plural": "contacts"}, "label_plural"),
        ({"label_singular": "LEAD"}, "label_singular"),
        ({"key": "Person"}, "key"),
        ({"key": "contact"}, "key"),
        ({"key": "a-b"}, "key"),
        ({"base": "animal"}, "base"),
        ({"icon": "../../etc"}, "icon"),
        ({"tone": "pink"}, "tone"),
    ],
)
def test_bad_input_is_told_at_its_field(as_administrator: Client, wrong: dict[str, str], field: str) -> None:
    answer = as_administrator.post(reverse("crm:entity_new"), {**MEMBER, **wrong})
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert EntityType.objects.count() == 4


def test_markup_in_labels_is_text(as_administrator: Client, as_marketer: Client) -> None:
    label = "<script>alert(1)</script>"
    as_administrator.post(reverse("crm:entity_new"), {**MEMBER, "label_singular": label, "label_plural": f"{label}s"})
    made = EntityType.objects.get(is_builtin=False)
    EntityFieldFactory.create(entity_type=made, name="x", label="<img src=x> 100 % {y}", kind="date")
    target_list = TargetListFactory.create()
    urls = [reverse("crm:entity_list"), reverse("crm:entity_detail", args=[made.pk]), f"/{made.slug}/", "/",
            f"/{made.slug}/new/", f"/target-lists/{target_list.pk}/{made.slug}/", "/email-templates/new/"]  # fmt: skip
    for url in urls:
        told = as_administrator.get(url, follow=True).content.decode()
        assert "<script>alert(1)" not in told and "<img src=x>" not in told, url


def test_labels_change_and_nothing_else(as_administrator: Client) -> None:
    made = EntityTypeFactory.create(key="Member", label_plural="Members")
    url = reverse("crm:entity_edit", args=[made.pk])
    as_administrator.post(url, {**MEMBER, "label_plural": "Fellows", "key": "Fellow", "base": "company"})
    made.refresh_from_db()
    assert (made.plural, made.key, made.slug, made.base) == ("Fellows", "Member", "members", "person")
    assert AuditEntry.objects.get(action="entity_type.changed").changes["label_plural"] == ["Members", "Fellows"]


def test_a_built_in_type_gets_another_label(as_administrator: Client) -> None:
    lead = EntityType.objects.get(key="Lead")
    data = {"label_singular": "Prospect", "label_plural": "Prospects", "icon": "user-plus", "on_target_lists": "on"}
    as_administrator.post(reverse("crm:entity_edit", args=[lead.pk]), data)
    assert "Prospects" in page(as_administrator, "/leads/")


def test_the_order_is_that_of_the_navigation(as_administrator: Client) -> None:
    made = EntityTypeFactory.create(key="Member", position=90)
    for _time in range(9):
        as_administrator.post(reverse("crm:entity_move", args=[made.pk]), {"to": "up"})
    assert EntityType.objects.first() == made
    home = page(as_administrator, "/")
    assert home.index('href="/members/"') < home.index('href="/contacts/"')
    assert as_administrator.post(reverse("crm:entity_move", args=[made.pk]), {"to": "aside"}).status_code == 404


def test_panels_have_an_order_of_their_own(as_administrator: Client) -> None:
    made = EntityTypeFactory.create(key="Member", panel_position=200)
    others = list(EntityType.objects.exclude(pk=made.pk))
    shown: dict[str, Any] = {f"shown_{one.pk}": "on" for one in [made, *others] if one.key != "Lead"}
    as_administrator.post(reverse("crm:entity_panels"), {**shown, "move": f"{made.pk}:first"})
    assert [one.key for one in EntityType.objects.for_panels()][0] == "Member"
    target_list = TargetListFactory.create()
    told = (
        page(as_administrator, f"/target-lists/{target_list.pk}/contacts/")
        .partition('class="tabs"')[2]
        .partition("</nav>")[0]
    )
    assert told.index("/members/") < told.index("/contacts/") and "Leads" not in told
    on_it = TargetListFactory.create(records=[RecordFactory.create(kind="Lead")])
    tabs = page(as_administrator, f"/target-lists/{on_it.pk}/contacts/").partition('class="tabs"')[2]
    assert "Leads" in tabs.partition("</nav>")[0]
    assert as_administrator.get(f"/target-lists/{target_list.pk}/")["Location"].endswith("/members/")


def test_there_are_not_too_many_types(administrator: User) -> None:
    for number in range(MOST_TYPES - 4):
        EntityTypeFactory.create(key=f"T{number}")
    with pytest.raises(TypeRefused):
        create_type(EntityType(label_singular="One more", label_plural="Ones more"), administrator)


def test_two_administrators_at_once_make_two_types(administrator: User) -> None:
    for _time in range(2):
        create_type(EntityType(label_singular="Member", label_plural="Members"), administrator)
    assert list(EntityType.objects.filter(is_builtin=False).values_list("key", "slug")) == [
        ("Member", "members"),
        ("Member2", "members-2"),
    ]


def test_a_key_that_somebody_took_meanwhile_is_refused(administrator: User) -> None:
    with pytest.raises(TypeRefused):
        create_type(EntityType(key="Contact", label_singular="C", label_plural="Cs"), administrator)
    assert EntityType.objects.count() == 4
