"""A Herald of a million records, loaded set-based: runs inside a process of that Herald.

Contacts with an address each (1 % opted out, 0.2 % invalid), an account for half of them, custom fields; a target list
with all of them and one with a tenth; a campaign whose mass email went to everybody, its queue and its log: sent, a
quarter opened, a twentieth clicked, one in a hundred bounced.
"""

import time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.table import say
from campaigns.models import Link, LogRecord, MassEmail, MassEmailStatus, QueueItem, TrackingUrl
from crm.models import Record, User
from targets.models import TargetList
from tests.factories import (
    CampaignFactory,
    EmailAccountFactory,
    MassEmailFactory,
    TargetListFactory,
    TrackingUrlFactory,
)

COMPANIES = 5_000
NO = "1 = 0"  # a boolean that both databases know
NUMBERS = (
    "(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {n}) SELECT n FROM numbers)"
)
WORDS = {
    "postgresql": {"json": "CAST(({0}) AS jsonb)", "ago": "now() - ({0}) * interval '1 second'"},
    "sqlite": {"json": "({0})", "ago": "strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || ({0}) || ' seconds')"},
}
RECORD = (
    "INSERT INTO crm_record (entity_type_id, name, salutation, first_name, last_name, phone, language, description,"
    ' "values", created_at, modified_at, email_address_id, account_id, owner_id) '
)


def choice(number: str, *texts: str) -> str:
    """SQL that picks one of the texts by a number."""
    cases = " ".join(f"WHEN {at} THEN '{text}'" for at, text in enumerate(texts))
    return f"CASE MOD({number}, {len(texts)}) {cases} END"


def words(name: str, sql: str) -> str:
    return WORDS[connection.vendor][name].format(sql)


def run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)


def one(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def fill(size: int) -> dict[str, int]:
    """Everything, unless it is there already: ids of what the benchmarks look at."""
    began = time.monotonic()
    user = User.objects.filter(username="bench").first() or User.objects.create_user("bench", role="marketer")
    if Record.objects.filter(entity_type__key="Contact").count() < size:
        _without_search_indexes(lambda: _people(size, user.pk))
    made = TargetList.objects.filter(name="Everybody").first()
    if made is None:
        with transaction.atomic():
            made = _sent_to_all()
        run("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    found = {
        "everybody": made.pk,
        "some": TargetList.objects.get(name="A tenth").pk,
        "mass_email": made.mass_emails.get().pk,
        "campaign": made.mass_emails.get().campaign_id,
        "user": user.pk,
    }
    say(f"{size:,} records are there after {time.monotonic() - began:.0f} s")
    return found


def _without_search_indexes(load: Any) -> None:
    """What searches inside words is made quicker afterwards, all at once."""
    if connection.vendor != "postgresql":
        load()
        run("ANALYZE")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%'")
        trigrams = dict(cursor.fetchall())
    for name in trigrams:
        run(f"DROP INDEX {name}")
    load()
    for definition in trigrams.values():
        run(definition)
    run("VACUUM ANALYZE")


def _people(size: int, owner: int) -> None:
    numbers = NUMBERS.format(n=size)
    address = f"'person' || n || '@company' || MOD(n, {COMPANIES}) || '.example.com'"
    now = words("ago", "0")
    run(
        "INSERT INTO crm_emailaddress (address, normalized, opted_out_why, invalid_why, opted_out_at, invalid_at)"
        f" SELECT {address}, {address}, '', '', CASE WHEN MOD(n, 100) = 7 THEN {now} END,"
        f" CASE WHEN MOD(n, 500) = 3 THEN {now} END FROM {numbers} s"
    )
    nobody = words("json", "'{}'")
    run(
        f"{RECORD} SELECT (SELECT id FROM crm_entitytype WHERE key = 'Account'), 'Company ' || n, '', '', '', '', '',"
        f" '', {nobody}, {now}, {now}, NULL, NULL, NULL FROM {NUMBERS.format(n=COMPANIES)} s"
    )
    first_address = one("SELECT MIN(id) FROM crm_emailaddress WHERE normalized LIKE 'person1@%'")
    first_account = one("SELECT MIN(id) FROM crm_record WHERE name = 'Company 1'")
    first = choice("n", "Ines", "Karim", "Siti", "Julien", "Petra", "Luis", "Ana", "Omar")
    digest = "MD5(CAST(n AS varchar(20)))"
    last = f"UPPER(SUBSTR({digest}, 1, 1)) || SUBSTR({digest}, 2)"
    country = choice("n", "Spain", "France", "Indonesia", "Ireland", "Chile")
    values = f"""'{{"country": "' || {country} || '", "city": "City ' || MOD(n, 997) || '"}}'"""
    run(
        f"{RECORD} SELECT (SELECT id FROM crm_entitytype WHERE key = 'Contact'), {first} || ' ' || {last}, '', {first},"
        f" {last}, CASE WHEN MOD(n, 3) = 0 THEN '+34 ' || (600000000 + n) ELSE '' END, '', '', {words('json', values)},"
        f" {words('ago', 'n')}, {now}, {first_address} - 1 + n,"
        f" CASE WHEN MOD(n, 2) = 0 THEN {first_account} + MOD(n, {COMPANIES}) END,"
        f" CASE WHEN MOD(n, 4) = 0 THEN {owner} END FROM {numbers} s"
    )


def _sent_to_all() -> TargetList:
    everybody = TargetListFactory.create(name="Everybody", records=[])
    some = TargetListFactory.create(name="A tenth", records=[])
    for made, condition in ((everybody, "1 = 1"), (some, "MOD(r.id, 10) = 0")):
        run(
            "INSERT INTO targets_membership (target_list_id, record_id, source, created_at, opted_out_at)"
            f" SELECT {made.pk}, r.id, 'selection', {words('ago', '0')},"
            f" CASE WHEN MOD(r.id, 200) = 1 THEN {words('ago', '0')} END"
            f" FROM crm_record r WHERE r.email_address_id IS NOT NULL AND {condition}"
        )
    campaign = CampaignFactory.create(name="A million")
    TrackingUrlFactory.create(campaign=campaign)
    mass_email = MassEmailFactory.create(
        campaign=campaign, account=EmailAccountFactory.create(), lists=[everybody], status=MassEmailStatus.COMPLETE
    )
    _queue_and_log(mass_email.pk, campaign.pk)
    return everybody


def _queue_and_log(mass_email: int, campaign: int) -> None:
    url = TrackingUrl.objects.get(campaign=campaign)
    link = Link.objects.create(
        mass_email_id=mass_email, tracking_url_id=url.pk, code=url.code, name=url.name, url=url.url
    )
    at = words("ago", "MOD(r.id, 86400)")
    run(
        "INSERT INTO campaigns_queueitem (mass_email_id, record_id, email_address_id, status, reason, is_test, attempts,"
        f" sent_at, attempted_at, reply) SELECT {mass_email}, r.id, r.email_address_id,"
        f" CASE WHEN MOD(r.id, 400) = 9 THEN 5 WHEN MOD(r.id, 100) = 7 THEN 7 ELSE 3 END, CASE WHEN MOD(r.id, 400) = 9"
        f" THEN 'policy' WHEN MOD(r.id, 100) = 7 THEN 'opted_out' ELSE '' END, {NO}, 1, {at}, {at}, '250 2.0.0 Ok'"
        " FROM crm_record r WHERE r.email_address_id IS NOT NULL"
    )
    for action, condition, link_id in ((1, "1 = 1", 0), (2, "MOD(q.id, 4) = 0", 0), (3, "MOD(q.id, 20) = 0", link.pk),
                                       (6, "MOD(q.id, 100) = 3", 0)):  # fmt: skip
        bounce = "'hard'" if action == 6 else "''"
        run(
            "INSERT INTO campaigns_logrecord (campaign_id, mass_email_id, queue_item_id, record_id, email_address_id,"
            f" address, action, link_id, tracking_url_id, bounce, is_machine, is_test, detail, at) SELECT {campaign},"
            f" {mass_email}, q.id, q.record_id, q.email_address_id, a.address, {action}, {link_id},"
            f" {url.pk if link_id else 'NULL'}, {bounce}, {NO}, {NO}, '', q.sent_at"
            " FROM campaigns_queueitem q JOIN crm_emailaddress a ON a.id = q.email_address_id"
            f" WHERE q.status = 3 AND {condition} ORDER BY q.sent_at"
        )
    events = LogRecord.objects.filter(mass_email_id=mass_email)
    names = {"sent_count": 1, "opened_count": 2, "clicked_count": 3, "hard_bounced_count": 6}
    MassEmail.objects.filter(pk=mass_email).update(
        total_count=QueueItem.objects.exclude(status=7).count(), started_at=timezone.now(),
        **{name: events.filter(action=action).count() for name, action in names.items()},
    )  # fmt: skip
