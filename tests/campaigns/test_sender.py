"""Who a mass email comes from: the form, the pages and the mail say the same."""

from typing import Any

import pytest
from django.test import Client

from campaigns.models import MassEmail
from campaigns.sending.freeze import freeze
from crm.models import EmailAccount, Settings
from tests.campaigns.pages_world import World, make_world
from tests.factories import EmailAccountFactory

SYSTEM, CHOSEN, OWN = "Acme <news@acme.example.com>", "Shop <shop@mail.example.com>", "Maya <maya@acme.example.com>"


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    settings = Settings.load()
    settings.from_name, settings.from_address = "Acme", "news@acme.example.com"
    settings.save()
    EmailAccount.objects.filter(is_system=True).update(from_name="Relay", email_address="relay@acme.example.com")
    return world


@pytest.fixture
def shop(world: World) -> EmailAccount:
    return EmailAccountFactory.create(
        name="Shop", from_name="Shop", email_address="shop@mail.example.com", is_system=False
    )


def change(mass_email: MassEmail, **values: Any) -> MassEmail:
    MassEmail.objects.filter(pk=mass_email.pk).update(**{"from_name": "", "from_address": "", **values})
    return MassEmail.objects.get(pk=mass_email.pk)


def frozen_from(mass_email: MassEmail) -> str:
    sender = freeze(mass_email).sender
    return f"{sender['from_name']} <{sender['from_address']}>"


def promised(client: Client, mass_email: MassEmail) -> str:
    """What the empty fields of the form show."""
    fields = client.get(f"/mass-emails/{mass_email.pk}/edit/").context["form"].fields
    name, address = (fields[name].widget.attrs["placeholder"] for name in ("from_name", "from_address"))
    return f"{name} <{address}>"


@pytest.mark.parametrize(("is_chosen", "expected"), [(False, SYSTEM), (True, CHOSEN)])
def test_an_empty_from_is_what_the_form_promises(
    is_chosen: bool, expected: str, world: World, shop: EmailAccount, as_marketer: Client
) -> None:
    draft = change(world.draft, account=shop if is_chosen else None)
    shown = expected.replace("<", "&lt;").replace(">", "&gt;")
    assert promised(as_marketer, draft) == expected
    for page in ("", "schedule/"):
        assert shown in as_marketer.get(f"/mass-emails/{draft.pk}/{page}").content.decode()
    assert frozen_from(draft) == expected


def test_what_the_mass_email_says_itself_comes_first(world: World, shop: EmailAccount, as_marketer: Client) -> None:
    draft = change(world.draft, account=shop, from_name="Maya", from_address="maya@acme.example.com")
    assert frozen_from(draft) == OWN


def test_a_new_one_comes_from_the_account_that_is_chosen_for_it(
    world: World, shop: EmailAccount, as_marketer: Client
) -> None:
    """Nothing is filled in that would stay when another account is chosen."""
    form = as_marketer.get(f"/campaigns/{world.campaign.pk}/mass-emails/new/").context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name != "overwrite"}
    data |= {"account": str(shop.pk), "target_lists": [world.target_list.pk], "template": str(world.template.pk)}
    as_marketer.post(f"/campaigns/{world.campaign.pk}/mass-emails/new/", data)
    made = MassEmail.objects.latest("id")
    assert made.account == shop
    assert frozen_from(made) == CHOSEN
