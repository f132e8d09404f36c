"""Asks for pages of a Herald of a million records and takes the time: runs inside a process of that Herald."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client

from benchmarks.million import fill
from campaigns.models import Link, QueueItem
from campaigns.tracking import links
from crm.criteria import dump
from crm.entities.columns import columns_of
from crm.models import EntityType, Record, SavedFilter, User

Row = list[Any]  # name, median and worst milliseconds, milliseconds of the database, statements, plan
PLAN_LINES = 40


@dataclass
class Spent:
    """What the database had to do."""

    seconds: float = 0.0
    statements: int = 0
    slowest: float = 0.0
    sql: str = ""
    parameters: Any = None

    def __call__(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            taken = time.perf_counter() - began
            self.seconds, self.statements = self.seconds + taken, self.statements + 1
            if taken > self.slowest:
                self.slowest, self.sql, self.parameters = taken, sql, parameters

    def plan(self) -> str:
        how = "EXPLAIN (ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        with connection.cursor() as cursor:
            cursor.execute(f"{how} {self.sql}", self.parameters)
            rows = [str(row[-1]) for row in cursor.fetchall()[:PLAN_LINES]]
        return "\n".join([f"    {self.slowest * 1000:.0f} ms: {self.sql[:3000]} {self.parameters}", *rows])


@contextmanager
def counted() -> Iterator[Spent]:
    spent = Spent()
    with connection.execute_wrapper(spent):
        yield spent


def timed(name: str, work: Callable[[], object], repeats: int, *, explain: bool = False) -> Row:
    """The row of a page; a first call, which is not counted, warms what is kept between requests."""
    work()
    runs: list[tuple[float, Spent]] = []
    for _round in range(repeats):
        began = time.perf_counter()
        with counted() as spent:
            work()
        runs.append(((time.perf_counter() - began) * 1000, spent))
    runs.sort(key=lambda run: run[0])
    median, spent = runs[(len(runs) - 1) // 2]
    plan = spent.plan() if explain else ""
    return [name, median, runs[-1][0], spent.seconds * 1000, spent.statements, plan]


def where(*conditions: list[object]) -> str:
    return urlencode({"where": dump({"all": list(conditions)})})


LISTS = {
    "the list": "",
    "page 500": "page=500",
    "the last page, counted exactly": "count=exact&page=49990",
    "search, a full name": "q=ines+ab12",
    "search, one address": "q=person4711%40",
    "search, part of a phone number": "q=600004711",
    "search, common (every address)": "q=example",
    "search, common (1 in 8 names)": "q=karim",
    "search, two letters": "q=ab",
    "search, two letters nowhere": "q=qz",
    "search, nothing found": "q=zzzzqq",
    "chip Opted Out": "show=opted-out",
    "chip Invalid": "show=invalid",
    "search and chip Invalid": "q=karim&show=invalid",
    "filter: country is Spain": where(["f_country", "is", "Spain"]),
    "filter: city is City 7": where(["f_city", "is", "City 7"]),
    "filter: name starts, listed": where(["name", "starts", "Petra a"], ["email_state", "any", ["listed"]]),
    "filter: created in the last 2 days": where(["created_at", "last_days", 2]),
}


def list_cases() -> dict[str, str]:
    columns = columns_of(EntityType.objects.prefetch_related("fields").get(key="Contact"))
    sorts = [(column, sign) for column in columns if column.sort for sign in ("", "-")]
    found = {name: f"/contacts/?{query}" for name, query in LISTS.items()}
    found |= {f"sort by {sign}{column.label}": f"/contacts/?sort={sign}{column.name}" for column, sign in sorts}
    return found | {"sort by Email, page 500": "/contacts/?sort=email&page=500"}


# Path of each page, with the ids of what `million.fill` made.
PAGES = {
    "Home": "/",
    "search page, a name": "/search/?q=karim",
    "search page, an address": "/search/?q=person4711%40",
    "search page, two letters": "/search/?q=ab",
    "record": "/contacts/{record}/",
    "account": "/accounts/{account}/",
    "suggest a record": "/contacts/suggest/?q=karim",
    "campaigns": "/campaigns/",
    "campaign": "/campaigns/{campaign}/",
    "log": "/campaigns/{campaign}/log/",
    "log, clicked": "/campaigns/{campaign}/log/?action=clicked",
    "log, search a name": "/campaigns/{campaign}/log/?q=karim",
    "log, search a full name": "/campaigns/{campaign}/log/?q=ines+ab12",
    "log, search an address": "/campaigns/{campaign}/log/?q=person4711%40",
    "log, search two letters": "/campaigns/{campaign}/log/?q=ab",
    "log, clicked, search a name": "/campaigns/{campaign}/log/?action=clicked&q=karim",
    "log, last 7 days": "/campaigns/{campaign}/log/?since=last-7-days",
    "log, target list from it": "/campaigns/{campaign}/log/target-list/?action=clicked",
    "chart of the campaign": "/campaigns/{campaign}/chart/",
    "mass emails": "/mass-emails/",
    "mass email": "/mass-emails/{email}/",
    "queue": "/mass-emails/{email}/queue/",
    "queue, failed": "/mass-emails/{email}/queue/?state=failed",
    "queue, search a name": "/mass-emails/{email}/queue/?q=karim",
    "queue, search an address": "/mass-emails/{email}/queue/?q=person4711%40",
    "queue, search two letters": "/mass-emails/{email}/queue/?q=ab",
    "audience arithmetic": "/campaigns/{campaign}/audience/?{lists}",
    "audience, the people": "/campaigns/{campaign}/audience/?{lists}&people=1",
    "audience, the opted out": "/campaigns/{campaign}/audience/?{lists}&people=1&reason=opted_out",
    "audience, search": "/campaigns/{campaign}/audience/?{lists}&people=1&q=karim",
    "new mass email": "/campaigns/{campaign}/mass-emails/new/",
    "target lists": "/target-lists/",
    "target list": "/target-lists/{everybody}/contacts/",
    "target list, search": "/target-lists/{everybody}/contacts/?q=karim",
    "target list, search an address": "/target-lists/{everybody}/contacts/?q=person4711%40",
    "target list, sort by email": "/target-lists/{everybody}/contacts/?sort=email",
    "target list, page 500": "/target-lists/{everybody}/contacts/?page=500",
    "target list, opted out": "/target-lists/{everybody}/opted-out/",
    "target list, about": "/target-lists/{everybody}/about/",
    "Select, everybody is there": "/target-lists/{everybody}/contacts/select/",
    "Select": "/target-lists/{some}/contacts/select/",
    "Select, search": "/target-lists/{some}/contacts/select/?q=karim",
    "bounces": "/bounces/",
    "tracking URLs": "/tracking-urls/",
}


def page_cases(made: dict[str, int]) -> dict[str, str]:
    everybody, email = made["everybody"], made["mass_email"]
    ids = {
        **made,
        "email": email,
        "lists": f"target_lists={everybody}&excluding_target_lists={made['some']}",
        "record": Record.objects.filter(entity_type__key="Contact", memberships__target_list=everybody).latest("pk").pk,
        "account": Record.objects.filter(entity_type__key="Account").earliest("pk").pk,
    }
    item = QueueItem.objects.filter(mass_email_id=email, status=3).latest("pk")
    return {name: path.format(**ids) for name, path in PAGES.items()} | {
        "opt-out page": links.opt_out("", item.pk, item.email_address_id or 0),
        "preferences": links.preferences("", item.pk, item.email_address_id or 0),
    }


def asker(user: User, path: str, **headers: str) -> Callable[[], object]:
    client = Client()
    client.force_login(user)

    def ask() -> object:
        response = client.get(path, headers=headers)
        assert response.status_code in {200, 302}, (path, response.status_code)
        return response

    return ask


def wanted(cases: dict[str, Callable[[], object]], only: str) -> dict[str, Callable[[], object]]:
    return {name: work for name, work in cases.items() if only in name}


def measure_lists(size: int, repeats: int, only: str = "", explain: bool = False) -> list[Row]:
    """The list of contacts: page, searches, filters, chips, every sort; and what the page asks for afterwards."""
    user = User.objects.get(pk=fill(size)["user"])
    cases = {name: asker(user, path) for name, path in list_cases().items()}
    SavedFilter.objects.get_or_create(
        owner=user, list_key="contacts", name="Spain", query=LISTS["filter: country is Spain"]
    )
    SavedFilter.objects.get_or_create(owner=user, list_key="contacts", name="Karim", query="q=karim")
    later = {"HX-Request": "true", "HX-Target": "list-saved"}
    cases["afterwards: counts of two saved filters"] = asker(user, "/contacts/", **later)
    return [timed(name, work, repeats, explain=explain) for name, work in wanted(cases, only).items()]


def measure_pages(size: int, repeats: int, only: str = "", explain: bool = False) -> list[Row]:
    made = fill(size)
    user = User.objects.get(pk=made["user"])
    cases = {name: asker(user, path) for name, path in page_cases(made).items()}
    palette = {"HX-Request": "true", "HX-Target": "palette-hits"}
    cases["palette, a name"] = asker(user, "/search/?q=karim", **palette)
    cases["palette, two letters"] = asker(user, "/search/?q=ab", **palette)
    cases |= {"click": _visits(made, click=True), "open pixel": _visits(made, click=False)}
    return [timed(name, work, repeats, explain=explain) for name, work in wanted(cases, only).items()]


def _visits(made: dict[str, int], *, click: bool) -> Callable[[], object]:
    """Each call is the first of another person, and is taken back."""
    items = iter(QueueItem.objects.filter(mass_email_id=made["mass_email"], status=3).order_by("-pk")[:1000])
    link, client = Link.objects.filter(mass_email_id=made["mass_email"]).get().pk, Client(headers={"user-agent": AGENT})

    def visit() -> object:
        item = next(items)
        path = links.click("", item.pk, link) if click else links.open_pixel("", item.pk)
        with transaction.atomic():
            response = client.get(path)
            transaction.set_rollback(True)
        return response

    return visit


AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
