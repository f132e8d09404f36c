"""The app of docs/extending.md, taken from the page and run: it registers, and Herald shows what it registered."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns.models import Campaign
from campaigns.people import References, row_of
from campaigns.placeholder_picker import completions
from campaigns.preview import preview
from crm import navigation
from crm.criteria import fields as criteria_fields
from crm.entities import placeholders
from crm.entities.naming import field_name_of
from crm.models import Record
from tests.factories import RecordFactory, TemplateFactory

pytestmark = pytest.mark.django_db
PAGE = Path(django_settings.BASE_DIR) / "docs" / "extending.md"
FILES = re.compile(r"\*\*`([\w/.]+)`\*\*\n\n```\w+\n(.*?)```", re.DOTALL)


@pytest.fixture
def loyalty(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app is installed; afterwards nothing that it registered is left."""
    files = dict(FILES.findall(PAGE.read_text()))
    assert len(files) == 4
    for name, text in {**files, "loyalty/__init__.py": ""}.items():
        path = tmp_path / "apps" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "apps"))
    monkeypatch.setattr(placeholders, "_registered", dict(placeholders._registered))
    monkeypatch.setattr(navigation, "_record_panels", [*navigation._record_panels])
    monkeypatch.setattr(criteria_fields, "_providers", [*criteria_fields._providers])
    settings.INSTALLED_APPS = [*django_settings.INSTALLED_APPS, "loyalty"]
    yield
    for module in [name for name in sys.modules if name.partition(".")[0] == "loyalty"]:
        del sys.modules[module]


@pytest.fixture
def people(db: None) -> list[Record]:
    people = [RecordFactory.create(last_name=name) for name in ("Early", "Late")]
    Record.objects.filter(pk=people[0].pk).update(created_at="2019-05-01T00:00:00Z")
    return list(Record.objects.filter(pk__in=[person.pk for person in people]).order_by("pk"))


@pytest.mark.usefixtures("loyalty")
def test_the_placeholder_is_completed_checked_and_previewed(people: list[Record]) -> None:
    known = completions()
    assert "Person.memberSince" in known["known"]
    assert any(choice["code"] == "{Contact.memberSince}" for choice in known["choices"])
    template = TemplateFactory.create(body="<p>{Person.memberSince|lately} {Contact.memberSince}</p>")
    seen = preview(template, Campaign.objects.create(name="C"), people[0])
    assert not seen.problems and "<p>2019 2019</p>" in seen.html
    nobody = preview(template, Campaign.objects.create(name="C"), people[0], worst_case=True)
    assert "<p>lately </p>" in nobody.html


@pytest.mark.usefixtures("loyalty")
def test_many_people_are_asked_about_together(people: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[int]] = []
    computed = placeholders._registered["memberSince"]

    def answers(ids: object) -> dict[int, str]:
        asked.append(list(ids))  # type: ignore[call-overload]
        return dict(computed.answers(asked[-1]))

    placeholders.register_placeholder(placeholders.Computed("memberSince", "", answers))
    references = References(frozenset({"Person.memberSince", "Person.name"}))
    rows = [row_of(person) for person in people]
    references.load(rows)
    references.load(rows)
    assert asked == [[person.pk for person in people]]


@pytest.mark.usefixtures("loyalty")
def test_the_panel_is_on_the_page_of_people_alone(people: list[Record], as_viewer: Client) -> None:
    assert "With us since <b>2019</b>" in as_viewer.get(people[0].get_absolute_url()).content.decode()
    account = RecordFactory.create(kind="Account", first_name="", last_name="", name="Acme")
    assert "With us since" not in as_viewer.get(account.get_absolute_url()).content.decode()


@pytest.mark.usefixtures("loyalty")
def test_the_condition_narrows_lists(people: list[Record], as_viewer: Client) -> None:
    page = as_viewer.get("/contacts/", {"where": '{"all":[["member_since","le",2019]]}'}).content.decode()
    assert "Early" in page and "Late" not in page
    page = as_viewer.get("/contacts/", {"where": '{"none":[["member_since","le",2019]]}'}).content.decode()
    assert "Early" not in page and "Late" in page


@pytest.mark.usefixtures("loyalty")
def test_no_new_field_takes_its_name() -> None:
    assert field_name_of("Member since", ()) == "memberSince2"


def test_without_the_app_nothing_is_left(people: list[Record], as_viewer: Client) -> None:
    assert "Person.memberSince" not in completions()["known"]
    assert "With us since" not in as_viewer.get(people[0].get_absolute_url()).content.decode()
