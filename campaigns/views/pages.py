"""What the views of this folder share: bounded paging, safe ways back, the confirmation page."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from campaigns.forms.text import searchable
from campaigns.models import EmailTemplate
from crm.access import Request

MOST_COUNTED = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts and turns pages up to MOST_COUNTED rows: a table of millions is searched, not leafed through."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[:MOST_COUNTED].count())  # without what is shown beside each row

    @property
    def is_cut(self) -> bool:
        return self.count >= MOST_COUNTED


def page_of(request: Request, rows: "QuerySet[Any]", size: int) -> "Page[Any]":
    return BoundedPaginator(rows, size).get_page(request.GET.get("page"))


def posted(request: Request) -> QueryDict | None:
    """What a form is bound to: also a post without any field is one."""
    return request.POST if request.method == "POST" else None


def text_in(query: QueryDict) -> str:
    return searchable(query.get("q", ""))


def searched(request: Request) -> str:
    return text_in(request.POST if request.method == "POST" else request.GET)


def way_back(request: Request, fallback: str) -> str:
    """Where the form says it came from, when that is a page of this site; else `fallback`."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        return asked
    return fallback


def page_or_part(
    request: Request, part: tuple[str, str], page: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """One view, two renderings: `part` is (id, template), answered alone when htmx is going to swap that id."""
    target, template = part
    asked = request.headers.get("HX-Target") == target
    response = render(request, template if asked else page, context, status=200 if asked else status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@dataclass(frozen=True, slots=True)
class Question:
    """A confirmation: what will happen, in sentences with numbers, and the button that does it."""

    title: str
    sentences: list[str]
    button: str
    back: str
    is_dangerous: bool = True
    refusal: str = ""  # why it cannot be done now; the button is then left out

    @property
    def heading(self) -> str:
        """Where there is nothing to answer, nothing is asked."""
        return self.button if self.refusal else self.title


def ask(request: Request, question: Question, about: Model, status: int = 200) -> HttpResponse:
    """`status` 422: it was tried and refused, which is more alarming than to learn beforehand that it cannot be."""
    is_template, was_tried = isinstance(about, EmailTemplate), status != 200
    context = {"question": question, "about": about, "is_template": is_template, "was_tried": was_tried}
    return render(request, "campaigns/confirm.html", context, status=status)
