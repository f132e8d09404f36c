"""Factories: the smallest valid object of each kind."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from campaigns.models import Campaign, CampaignStatus, EmailTemplate, MassEmail, TrackingUrl
from crm.models import EmailAccount, EmailAddress, EntityField, EntityType, Record, Role, User
from targets.models import Membership, Report, TargetList


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.Sequence(lambda n: f"user{n}@staff.example.com")
    first_name = "Maya"
    last_name = "Ortiz"
    role = Role.MARKETER
    password = factory.django.Password("correct horse battery")


class EntityTypeFactory(DjangoModelFactory[EntityType]):
    """A custom type: `EntityTypeFactory(key="Member", label_plural="Members")`."""

    class Meta:
        model = EntityType

    key = factory.Sequence(lambda n: f"Custom{n}")
    slug = factory.LazyAttribute(lambda o: o.label_plural.lower().replace(" ", "-"))
    label_singular = factory.LazyAttribute(lambda o: o.key)
    label_plural = factory.LazyAttribute(lambda o: f"{o.key}s")


class EntityFieldFactory(DjangoModelFactory[EntityField]):
    """`EntityFieldFactory(entity_type=…, name="tier", kind="choice", options=["Gold"])`."""

    class Meta:
        model = EntityField

    name = factory.Sequence(lambda n: f"field{n}")
    label = factory.LazyAttribute(lambda o: o.name.capitalize())


class RecordFactory(DjangoModelFactory[Record]):
    """`RecordFactory(kind="Lead", email="ines@rocha.example.com")`; email="" gives a record without address."""

    class Meta:
        model = Record

    class Params:
        kind = "Contact"
        email = factory.Sequence(lambda n: f"person{n}@example.com")

    entity_type = factory.LazyAttribute(lambda o: EntityType.objects.get(key=o.kind))
    first_name = "Ines"
    last_name = factory.Sequence(lambda n: f"Rocha{n}")
    email_address = factory.LazyAttribute(lambda o: EmailAddress.objects.for_text(o.email) if o.email else None)


class TargetListFactory(DjangoModelFactory[TargetList]):
    """`TargetListFactory(records=[…])` puts them on it."""

    class Meta:
        model = TargetList
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Newsletter {n}")

    @factory.post_generation
    def records(obj, create, extracted, **kwargs):  # type: ignore[no-untyped-def]
        Membership.objects.bulk_create(Membership(target_list=obj, record=record) for record in extracted or [])


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"Campaign {n}")
    status = CampaignStatus.ACTIVE


class TemplateFactory(DjangoModelFactory[EmailTemplate]):
    class Meta:
        model = EmailTemplate

    name = factory.Sequence(lambda n: f"Template {n}")
    subject = "Hello {Person.firstName|there}"
    body = "<html><body><p>Dear {Person.name}, news.</p></body></html>"


class TrackingUrlFactory(DjangoModelFactory[TrackingUrl]):
    class Meta:
        model = TrackingUrl

    campaign = factory.SubFactory(CampaignFactory)
    name = "Try our demo"
    url = "https://shop.example.com/demo?a=1&b=2#top"


class EmailAccountFactory(DjangoModelFactory[EmailAccount]):
    """A real SMTP account on loopback; give smtp_port of a test server."""

    class Meta:
        model = EmailAccount

    name = factory.Sequence(lambda n: f"Account {n}")
    email_address = "news@acme.example.com"
    smtp_host = "127.0.0.1"
    smtp_port = 1
    smtp_security = "none"
    smtp_auth = False


class MassEmailFactory(DjangoModelFactory[MassEmail]):
    """`MassEmailFactory(lists=[…], excluding=[…])`."""

    class Meta:
        model = MassEmail
        skip_postgeneration_save = True

    campaign = factory.SubFactory(CampaignFactory)
    name = factory.Sequence(lambda n: f"Mass email {n}")
    template = factory.SubFactory(TemplateFactory)
    start_at = factory.LazyFunction(timezone.now)
    from_address = "news@acme.example.com"
    from_name = "Acme"

    @factory.post_generation
    def lists(obj, create, extracted, **kwargs):  # type: ignore[no-untyped-def]
        obj.target_lists.set(extracted or [])

    @factory.post_generation
    def excluding(obj, create, extracted, **kwargs):  # type: ignore[no-untyped-def]
        obj.excluding_target_lists.set(extracted or [])


class ReportFactory(DjangoModelFactory[Report]):
    """A shared list report on all Contacts; `ReportFactory(criteria={"all": [["phone", "not_empty"]]})` narrows it."""

    class Meta:
        model = Report
        skip_postgeneration_save = True

    class Params:
        of = "Contact"

    name = factory.Sequence(lambda n: f"Report {n}")
    entity_type = factory.LazyAttribute(lambda o: EntityType.objects.get(key=o.of))
    owner = factory.SubFactory(UserFactory)
    is_shared = True
