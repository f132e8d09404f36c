r"""Lists of a million records: milliseconds for the page, search, filters, chips and every sort.

    PGOPTIONS="-c random_page_cost=1.1 -c jit=off" DATABASE_URL=postgres://… \
        python benchmarks/list_million.py [records] [--explain]

random_page_cost is what PostgreSQL's manual advises for solid-state disks; docker-compose.yml sets the same.

Migrates the database, loads the records set-based when they are not there yet (type Contact, an address each, 1 %
opted out, 0.2 % invalid, an account for half of them), then asks for each page seven times through the view's own
ListPage and prints the median and the worst. Use a database made for this.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, reset_queries  # noqa: E402
from django.http import HttpRequest, QueryDict  # noqa: E402

from crm.criteria import dump  # noqa: E402
from crm.entities.listing import record_list  # noqa: E402
from crm.lists import ListPage  # noqa: E402
from crm.models import EntityType, Record, User  # noqa: E402

ROUNDS = 7
LOAD = """
INSERT INTO crm_emailaddress (address, normalized, opted_out_why, invalid_why, opted_out_at, invalid_at)
SELECT a, a, '', '', CASE WHEN n % 100 = 7 THEN now() END, CASE WHEN n % 500 = 3 THEN now() END
FROM (SELECT n, 'person' || n || '@company' || (n % 5000) || '.example.com' AS a FROM generate_series(1, {n}) n) s;
INSERT INTO crm_record (entity_type_id, name, salutation, first_name, last_name, phone, language, description, "values",
  created_at, modified_at)
SELECT (SELECT id FROM crm_entitytype WHERE key = 'Account'), 'Company ' || n, '', '', '', '', '', '', '{{}}',
  now(), now()
FROM generate_series(1, 5000) n;
INSERT INTO crm_record (entity_type_id, name, salutation, first_name, last_name, phone, language, description, "values",
  created_at, modified_at, email_address_id, account_id)
SELECT t.id, f.name || ' ' || initcap(md5(e.id::text)), '', f.name, initcap(md5(e.id::text)),
  CASE WHEN e.id % 3 = 0 THEN '+34 ' || (600000000 + e.id) ELSE '' END, '', '',
  jsonb_build_object('country', (ARRAY['Spain','France','Indonesia','Ireland','Chile'])[1 + e.id % 5],
    'city', 'City ' || e.id % 997),
  now() - (e.id || ' seconds')::interval, now(), e.id,
  CASE WHEN e.id % 2 = 0 THEN a.first + e.id % 5000 END
FROM crm_emailaddress e
CROSS JOIN (SELECT id FROM crm_entitytype WHERE key = 'Contact') t
CROSS JOIN (SELECT min(r.id) AS first FROM crm_record r JOIN crm_entitytype y ON y.id = r.entity_type_id
  WHERE y.key = 'Account' AND r.name = 'Company 1') a
CROSS JOIN LATERAL (SELECT (ARRAY['Ines','Karim','Siti','Julien','Petra','Luis','Ana','Omar'])[1 + e.id % 8] AS name) f
WHERE e.normalized LIKE 'person%@company%';
"""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def trigram_indexes(cursor: Any) -> dict[str, str]:
    """name → the statement that makes it."""
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%'")
    return dict(cursor.fetchall())


def load(number: int) -> None:
    if Record.objects.filter(entity_type__key="Contact").count() >= number:
        return
    began = time.monotonic()
    with connection.cursor() as cursor:  # trigrams are made quicker afterwards, all at once
        trigrams = trigram_indexes(cursor)
        for name in trigrams:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(LOAD.format(n=number))
        for definition in trigrams.values():
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE crm_record")
        cursor.execute("VACUUM ANALYZE crm_emailaddress")
    say(f"loaded {number:,} records in {time.monotonic() - began:.0f} s")


def listing(user: User, query: str) -> ListPage[Record]:
    request = HttpRequest()
    request.method, request.GET, request.user = "GET", QueryDict(query), user
    return record_list(request, EntityType.objects.prefetch_related("fields").get(key="Contact"))


def show(user: User, query: str) -> int:
    """Everything that the template asks of a list."""
    page = listing(user, query)
    page.lines(), page.shown_chips(), page.headings(), page.applied
    return page.total


def measure(name: str, work: Callable[[], int], *, explain: bool) -> None:
    taken = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        total = work()
        taken.append((time.perf_counter() - began) * 1000)
    say(f"{name:<44}{statistics.median(taken):>8.0f}{max(taken):>8.0f}   {total:,}")
    if explain:
        tell_plan(work)


def tell_plan(work: Callable[[], int]) -> None:
    """The plan of the slowest query."""
    connection.force_debug_cursor = True
    reset_queries()
    work()
    slowest = max(connection.queries, key=lambda query: float(query["time"]))["sql"]
    connection.force_debug_cursor = False
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ANALYZE {slowest}")
        say("\n".join(f"      {row[0]}" for row in cursor.fetchall()[:30]))


def where(*conditions: list[object]) -> str:
    return urlencode({"where": dump({"all": list(conditions)})})


def main() -> None:
    numbers = [int(text) for text in sys.argv[1:] if text.isdecimal()]
    explain = "--explain" in sys.argv
    call_command("migrate", verbosity=0)
    load(numbers[0] if numbers else 1_000_000)
    user = User.objects.filter(username="bench").first() or User.objects.create_user("bench", role="marketer")
    cases = {
        "the list": "",
        "page 500": "page=500",
        "search, a full name": "q=ines+ab12",
        "search, one address": "q=person4711%40",
        "search, part of a phone number": "q=600004711",
        "search, common (every address)": "q=example",
        "search, common (1 in 8 names)": "q=karim",
        "search, two letters": "q=ab",
        "search, nothing found": "q=zzzzqq",
        "chip Opted Out": "show=opted-out",
        "chip Invalid": "show=invalid",
        "filter: country is Spain": where(["f_country", "is", "Spain"]),
        "filter: name starts, listed": where(["name", "starts", "Petra a"], ["email_state", "any", ["listed"]]),
        "filter: created in the last 2 days": where(["created_at", "last_days", 2]),
    }
    say(f"{'':<44}{'median':>8}{'worst':>8}   rows counted (ms)")
    for name, query in cases.items():
        measure(name, lambda query=query: show(user, query), explain=explain)  # type: ignore[misc]
    for column in listing(user, "").columns:
        for sign in ("", "-") if column.sort else ():
            query = f"sort={sign}{column.name}"
            measure(f"sort by {sign}{column.label}", lambda query=query: show(user, query), explain=explain)  # type: ignore[misc]


if __name__ == "__main__":
    main()
