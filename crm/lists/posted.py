"""What a bulk bar posted, as text that a background task keeps, and the request that it makes again: never a million
ids, but the state of the list, on which query and rights are applied anew."""

from typing import cast

from django.http import HttpRequest, QueryDict

from crm.access import Request
from crm.models import User

FIELDS = ("query", "scope", "selected")


def selection_of(request: HttpRequest) -> str:
    kept = QueryDict(mutable=True)
    for key in FIELDS:
        kept.setlist(key, request.POST.getlist(key))
    return kept.urlencode()


def everything(query: str) -> str:
    """The selection of all results of a list in this state (a query string)."""
    kept = QueryDict(mutable=True)
    kept["query"], kept["scope"] = query, "all"
    return kept.urlencode()


def fields_of(selection: str) -> list[tuple[str, str]]:
    """The selection as hidden fields, for a page that asks before it acts."""
    return [(key, value) for key, values in QueryDict(selection).lists() for value in values]


def request_again(selection: str, user: User) -> Request:
    """Whose ListPage finds the selected rows now, seen with the eyes of `user`."""
    request = cast(Request, HttpRequest())
    request.method, request.user = "POST", user
    request.POST = QueryDict(selection)
    return request
