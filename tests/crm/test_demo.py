"""The demo: the same every time, and every address in a domain that is kept for examples."""

from crm.demo import create_demo
from crm.mail.sandbox.behaviours import BEHAVIOURS, behaviour_of
from crm.models import EmailAddress, Record, User


def test_the_demo_has_people_of_every_kind_and_mails_nobody_real(administrator: User) -> None:
    create_demo(administrator)
    kinds = dict.fromkeys(("Account", "Contact", "Lead"), 0)
    for key in Record.objects.values_list("entity_type__key", flat=True):
        kinds[key] = kinds.get(key, 0) + 1
    assert (kinds["Account"], kinds["Lead"]) == (12, 48)
    assert 100 <= kinds["Contact"] <= 200
    assert not EmailAddress.objects.exclude(normalized__regex=r"[.@]example\.(com|org|net)$").exists()


def test_generated_people_have_names_and_addresses_of_their_own(administrator: User) -> None:
    create_demo(administrator)
    shared = [address for address in EmailAddress.objects.all() if address.records.count() > 1]
    assert [address.normalized for address in shared] == ["shared.inbox@example.com"]


def test_the_sandbox_knows_what_to_do_with_each_address_that_plays_a_trick(administrator: User) -> None:
    create_demo(administrator)
    tricks = {behaviour_of(address).name for address in EmailAddress.objects.values_list("normalized", flat=True)} - {
        ""
    }
    assert tricks == {behaviour.name for behaviour in BEHAVIOURS} - {"bounce-now"}  # the same as "unknown"
