"""A million people on target lists, put there by the database itself; for benchmarks of the database side of sending.

Runs inside a process of a Herald, see benchmarks.rig.
"""

from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign, CampaignStatus, EmailTemplate, FrozenMassEmail, MassEmail, MassEmailStatus
from crm.models import EmailAccount, EntityType, Settings
from targets.models import TargetList

LISTS, EXCLUDING = 3, 2


def run(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("SERIES", _SERIES[connection.vendor]), values)
        return cursor.rowcount


# Numbers 1 … %s as a table with the column n.
_SERIES = {
    "postgresql": "(SELECT n FROM generate_series(1, %s) AS n)",
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s) SELECT n FROM s)",
}


def people(count: int) -> None:
    """`count` records: every tenth has the address of the one before, 2 % are invalid, 3 % opted out."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    kind = EntityType.objects.order_by("pk").values_list("pk", flat=True)[0]
    run(
        """INSERT INTO crm_emailaddress (id, address, normalized, opted_out_at, opted_out_why, invalid_at, invalid_why)
        SELECT n, 'Person' || n || '@example' || (n % 97) || '.com', 'person' || n || '@example' || (n % 97) || '.com',
        CASE WHEN n % 33 = 0 THEN CAST(%s AS {moment}) END, '', CASE WHEN n % 50 = 1 THEN CAST(%s AS {moment}) END, ''
        FROM SERIES AS s""".replace("{moment}", _moment()).replace(" % ", " %% "),
        now, now, count,
    )  # fmt: skip
    run(
        """INSERT INTO crm_record (id, entity_type_id, name, salutation, first_name, last_name, email_address_id, phone,
        language, description, "values", created_at, modified_at)
        SELECT n, %s, 'Ines Rocha' || n, '', 'Ines', 'Rocha' || n, CASE WHEN n % 10 = 0 THEN n - 1 ELSE n END, '',
        '', '', '{{}}', CAST(%s AS {moment}), CAST(%s AS {moment}) FROM SERIES AS s"""
        .replace("{moment}", _moment()).replace(" % ", " %% ").replace("{{}}", "{}"),
        kind, now, now, count,
    )  # fmt: skip


def _moment() -> str:
    return "timestamptz" if connection.vendor == "postgresql" else "text"


def mass_email(count: int) -> FrozenMassEmail:
    """A mass email, frozen, to three lists that hold `count` records, some of them on two, less two excluding lists."""
    Settings.load()
    lists = [TargetList.objects.create(name=f"List {number}") for number in range(LISTS + EXCLUDING)]
    for number, target_list in enumerate(lists[:LISTS]):
        _members(target_list, f"n % 3 = {number} OR n % 8 = {number}", count)
    for number, target_list in enumerate(lists[LISTS:]):
        _members(target_list, f"n % 100 = {number * 7 + 3}", count)
    for table in ("crm_emailaddress", "crm_record", "targets_membership"):
        run(f"ANALYZE {table}")
    account = EmailAccount.objects.create(name="Benchmark", email_address="news@example.com", smtp_host="127.0.0.1")
    template = EmailTemplate.objects.create(name="Benchmark", subject="News", body="<p>News</p>")
    campaign = Campaign.objects.create(name="Benchmark", status=CampaignStatus.ACTIVE)
    made = MassEmail.objects.create(
        campaign=campaign, name="Benchmark", template=template, account=account, status=MassEmailStatus.IN_PROCESS
    )
    return FrozenMassEmail.objects.create(
        mass_email_id=made.pk, campaign_id=campaign.pk, campaign_name="Benchmark", content={}, sender={},
        account_id=account.pk, base_url="https://crm.example.com",
        target_lists={str(each.pk): each.name for each in lists[:LISTS]},
        excluding_target_lists={str(each.pk): each.name for each in lists[LISTS:]},
    )  # fmt: skip


def _members(target_list: TargetList, which: str, count: int) -> None:
    run(
        f"""INSERT INTO targets_membership (target_list_id, record_id, source, created_at)
        SELECT %s, n, 'import', CAST(%s AS {_moment()}) FROM SERIES AS s WHERE {which.replace(" % ", " %% ")}""",
        target_list.pk, connection.ops.adapt_datetimefield_value(timezone.now()), count,
    )  # fmt: skip


def empty(*tables: str) -> None:
    for table in tables:
        run(f"TRUNCATE {table}" if connection.vendor == "postgresql" else f"DELETE FROM {table}")
