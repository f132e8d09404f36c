"""The demo's mass email could be scheduled as it is."""

from campaigns.audience import audience_of
from campaigns.checks import ready_checks
from campaigns.models import MassEmail
from crm.demo import create_demo
from crm.models import User


def test_the_mass_email_of_the_demo_is_ready_to_be_scheduled(administrator: User) -> None:
    create_demo(administrator)
    mass_email = MassEmail.objects.get()
    assert [check.sentence for check in ready_checks(mass_email) if check.state == "error"] == []


def test_its_audience_shows_every_reason_why_people_are_left_out(administrator: User) -> None:
    create_demo(administrator)
    counts = audience_of(MassEmail.objects.get()).counts()
    assert counts.people > 100
    assert min(counts.excluded, counts.opted_out, counts.invalid, counts.no_address, counts.duplicates) > 0
