"""Fills a Herald with any number of people in seconds, and makes the mass email that the benchmarks send to them.

Runs inside a process of that Herald (see tests.faults.herald); one row of each kind is made by the factories of the
tests and then copied by the database.
"""

from typing import Any

from django.db import connection, models

from campaigns.models import MassEmailStatus, TrackingUrl
from crm.models import EmailAddress, Record, Settings
from targets.models import Membership, TargetList
from tests.factories import (
    CampaignFactory,
    EmailAccountFactory,
    MassEmailFactory,
    RecordFactory,
    TargetListFactory,
    TemplateFactory,
    TrackingUrlFactory,
)

NO_LIMIT = 1_000_000_000
SENTENCE = "Our new autumn offer is here, and we kept your usual table for you until the end of the month, of course. "
ROW = '<tr><td style="padding:0 0 16px;font:16px/1.5 sans-serif">{text}</td></tr>\n'
FIRST_NAMES = ("Anna", "Bob", "Carol Ann", "Dmitri")


def populate(people: int, prefix: str = "p", **account: Any) -> int:
    """A mass email to `people` through an account like this, ready to start: its id. No limit per hour holds it up."""
    Settings.load()
    Settings.objects.update(max_per_hour=NO_LIMIT, max_per_batch=NO_LIMIT, site_url="https://crm.example.com")
    campaign = CampaignFactory.create()
    links = TrackingUrlFactory.create_batch(2, campaign=campaign)
    return MassEmailFactory.create(
        campaign=campaign,
        account=EmailAccountFactory.create(**account),
        status=MassEmailStatus.PENDING,
        template=TemplateFactory.create(subject="News for {Person.firstName|you}", body=body(links)),
        lists=[make_people(people, prefix)],
    ).pk


def body(links: list[TrackingUrl]) -> str:
    """HTML and the text made from it are some 5 kB together on the wire, with two tracked links and the opt-out."""
    rows = [ROW.format(text=f"Dear {{Person.name|friend}}, {SENTENCE}"), *[ROW.format(text=SENTENCE * 2)] * 5]
    rows += [ROW.format(text=f'<a href="{{trackingUrl:{link.code}}}">Read on</a>, {SENTENCE}') for link in links]
    rows.append(ROW.format(text='{Person.emailAddress} gets this as a guest. <a href="{optOutUrl}">Unsubscribe</a>'))
    return f'<!DOCTYPE html><html><body><table role="presentation">{"".join(rows)}</table></body></html>'


def make_people(count: int, prefix: str = "p") -> TargetList:
    """`count` contacts p0@example.com, p1@example.com … on one list."""
    target_list = TargetListFactory.create(records=[])
    record = RecordFactory.create(email=f"{prefix}0@example.com")
    membership = Membership.objects.create(target_list=target_list, record=record)
    address = f"'{prefix}' || n || '@example.com'"
    first = " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(FIRST_NAMES))
    first = f"CASE MOD(n, {len(FIRST_NAMES)}) {first} END"
    _copy(EmailAddress, record.email_address_id, count, address=address, normalized=address)
    own_address = f"(SELECT id FROM {EmailAddress._meta.db_table} WHERE normalized = {address})"
    names = {"first_name": first, "last_name": f"'{prefix}' || n", "name": f"{first} || ' {prefix}' || n"}
    before = Record.objects.order_by("-pk").values_list("pk", flat=True)[0]
    _copy(Record, record.pk, count, email_address_id=own_address, **names)
    with connection.cursor() as cursor:
        columns = _columns(Membership)
        chosen = ["r.id" if column == '"record_id"' else f"m.{column}" for column in columns]
        cursor.execute(
            f"INSERT INTO {Membership._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(chosen)}"
            f" FROM {Membership._meta.db_table} m, {Record._meta.db_table} r WHERE m.id = %s AND r.id > %s",
            [membership.pk, before],
        )
        cursor.execute("ANALYZE")
    return target_list


def _copy(model: type[models.Model], pk: int | None, count: int, **values: str) -> None:
    """Rows number 1 to `count` - 1 like the row `pk`, with these columns as SQL of n."""
    columns = _columns(model)
    chosen = ", ".join(values.get(column.strip('"'), column) for column in columns)
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %s)"
    table = model._meta.db_table
    if count > 1:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) {numbers} SELECT {chosen} FROM {table}, numbers"
                " WHERE id = %s",
                [count, pk],
            )


def _columns(model: type[models.Model]) -> list[str]:
    return [f'"{field.column}"' for field in model._meta.concrete_fields if not field.primary_key]
