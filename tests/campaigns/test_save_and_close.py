"""Save stays where one writes, Save and close leaves it."""

from django.test import Client
from django.urls import reverse

from tests.factories import MassEmailFactory, TemplateFactory


def test_of_a_template(as_marketer: Client) -> None:
    template = TemplateFactory.create()
    page = reverse("campaigns:template_edit", args=[template.pk])
    values = {
        "name": "A",
        "subject": "B",
        "body": "<p>{optOutLink}</p>",
        "mode": "html",
        "status": "active",
        "version": 1,
    }
    assert as_marketer.post(page, values)["Location"] == page
    closed = as_marketer.post(page, {**values, "version": 2, "then": "close"})
    assert closed["Location"] == reverse("campaigns:template_list")


def test_of_a_template_that_was_asked_for_elsewhere(as_marketer: Client) -> None:
    template = TemplateFactory.create()
    values = {
        "name": "A",
        "subject": "B",
        "body": "<p>{optOutLink}</p>",
        "mode": "html",
        "status": "active",
        "version": 1,
    }
    page = reverse("campaigns:template_edit", args=[template.pk])
    answer = as_marketer.post(page, {**values, "then": "close", "next": "/mass-emails/7/edit/"})
    assert answer["Location"] == f"/mass-emails/7/edit/?template={template.pk}"


def test_of_a_mass_email(as_marketer: Client) -> None:
    draft = MassEmailFactory.create()
    page = reverse("campaigns:mass_email_edit", args=[draft.pk])
    assert as_marketer.post(page, {"name": "A"})["Location"] == page
    assert as_marketer.post(page, {"name": "B", "then": "close"})["Location"] == draft.get_absolute_url()
