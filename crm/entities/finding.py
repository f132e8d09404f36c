"""Finding people by what somebody types: in lists, in the palette, and behind the rows of logs and queues.

Every word stands in the name, the email address or the phone number. A word of one or two letters finds what begins
with it, word by word: every third name holds any two letters somewhere, and no index knows which.
"""

from typing import Any

from django.db import connection
from django.db.models import Q

from crm.models import EmailAddress, Record

MOST_WORDS = 6
SHORTEST_INSIDE = 3  # letters of a word that is looked for inside of words, too: PostgreSQL's index is of trigrams
FEW = 5_000  # ids that are handed to the next statement


def search_records(rows: Any, text: str) -> Any:
    """`rows` of Record that hold every word."""
    for word in text.split()[:MOST_WORDS]:
        rows = rows.filter(_holds("name", word, " ") | _holds("phone", word, " +") | _with_address(word))
    return rows


def names_first(rows: Any, text: str, most: int) -> list[Record]:
    """Up to `most` of those that hold every word: first those with a name, or a word of it, that begins with the text,
    then those who have it somewhere, perhaps in the domain of their address."""
    found, begins = search_records(rows, text), Q(name__istartswith=text) | Q(name__icontains=f" {text}")
    first = list(found.filter(begins)[:most])
    return first + list(found.exclude(pk__in=[one.pk for one in first])[: most - len(first)])


def search_names(rows: Any, text: str) -> Any:
    """Those whose name holds the text, as suggestions: see `some`."""
    return some(rows, rows.filter(_holds("name", text, " ")))


def some(rows: Any, found: Any) -> Any:
    """For a handful of suggestions: of very many that were found only the first FEW are put in order. Whoever types on
    gets others; sorting all Karims at every letter would keep everybody waiting."""
    return rows.filter(pk__in=list(found.order_by().values_list("pk", flat=True)[:FEW]))


def rows_of_people(rows: Any, text: str, record: str = "record_id", otherwise: Q | None = None) -> Any:
    """Rows of another table, those whose `record` the text finds or, where the people are few, `otherwise` holds for.
    Few are looked up first. Many are joined: an OR beside a subquery would be asked row by row."""
    people = search_records(Record.objects.all(), text)
    found = few(people)
    if found is None:
        return rows.filter(**{f"{record}__in": people.values("pk")})
    return rows.filter(Q(**{f"{record}__in": found}) | (otherwise or Q(pk__in=())))


def addresses_found(text: str) -> list[int] | None:
    """The ids of the addresses that hold the text as one word, unless they are very many."""
    return few(EmailAddress.objects.filter(_holds("normalized", text, "@.")))


def few(rows: Any) -> list[int] | None:
    """The ids of the rows; None when they are more than FEW."""
    ids = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    return ids if len(ids) <= FEW else None


def _holds(field: str, word: str, before: str) -> Q:
    """`before`: the characters that a word of the field begins behind."""
    if len(word) >= SHORTEST_INSIDE:
        return Q(**{f"{field}__icontains": word})
    found = Q(**{f"{field}__istartswith": word})
    for sign in before:
        found |= Q(**{f"{field}__icontains": sign + word})
    return found


def _with_address(word: str) -> Q:
    """On PostgreSQL the ids of the addresses, unless there are very many of them: an OR over two tables can use no
    index, an OR within one combines three. When many match, going along the order of the list finds a page at once.
    """
    if connection.vendor == "postgresql" and (ids := addresses_found(word)) is not None:
        return Q(email_address_id__in=ids)
    return _holds("email_address__normalized", word, "@.")
