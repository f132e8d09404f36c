"""How many queries each list of the product may take, however many rows it has."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from crm.models import SavedFilter, User
from tests.factories import (
    CampaignFactory,
    MassEmailFactory,
    RecordFactory,
    TargetListFactory,
    TemplateFactory,
    TrackingUrlFactory,
)

pytestmark = pytest.mark.django_db
CEILINGS = {
    "/contacts/": 16,
    "/leads/": 16,
    "/accounts/": 16,
    "/campaigns/": 18,
    "/mass-emails/": 16,
    "/email-templates/": 16,
    "/tracking-urls/": 16,
    "/target-lists/": 16,
}
PEOPLE = {"/contacts/", "/leads/", "/accounts/"}
CONDITION = {"where": '{"all":[["name","not_empty"],["name","contains","a"]]}'}


@pytest.fixture(params=[2, 20], ids=["few", "many"])
def rows(request: Any, marketer: User) -> None:
    number: int = request.param
    for kind in ("Contact", "Lead"):
        RecordFactory.create_batch(number, kind=kind, owner=marketer)
    account = RecordFactory.create(kind="Account", first_name="", last_name="", name="Acme a")
    RecordFactory.create_batch(number, account=account)
    campaigns = CampaignFactory.create_batch(number, assigned_user=marketer)
    for campaign in campaigns:
        MassEmailFactory.create(campaign=campaign)
        TrackingUrlFactory.create(campaign=campaign)
    TemplateFactory.create_batch(number)
    TargetListFactory.create_batch(number, assigned_user=marketer)
    for key in CEILINGS:
        for name in ("One", "Two"):
            SavedFilter.objects.create(owner=marketer, list_key=key.strip("/"), name=name, query="q=a")


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("path", CEILINGS)
def test_a_list_stays_below_its_ceiling(as_marketer: Client, path: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(CEILINGS[path]):
        assert as_marketer.get(path, CONDITION).status_code == 200


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("path", CEILINGS)
def test_all_saved_filters_are_counted_together(
    as_marketer: Client, path: str, django_assert_max_num_queries: Any
) -> None:
    headers = {"HX-Request": "true", "HX-Target": "list-saved"}
    # Both filters search: of a word PostgreSQL looks up the addresses first, see crm.entities.finding.
    looked_up = 2 if connection.vendor == "postgresql" and path in PEOPLE else 0
    with django_assert_max_num_queries(9 + looked_up):
        assert 'class="n"' in as_marketer.get(path, headers=headers).content.decode()
