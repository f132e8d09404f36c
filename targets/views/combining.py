"""Merge, intersect, subtract target lists: first the number, then the list."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Request, marketer
from crm.models import BackgroundTask
from crm.undo import offer
from targets import pages, works
from targets.forms.combining import CombineForm
from targets.target_lists import save_list


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def combine(request: Request) -> HttpResponse:
    """`count` only counts. The bulk action of the list of lists comes here with what it selected."""
    if request.method == "POST" and "way" not in request.POST:
        return _from_selection(request)
    form = CombineForm(request.POST if request.method == "POST" else None, initial=_prefilled(request))
    if form.is_valid() and "count" not in request.POST:
        return _combine(request, form)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        match = form.combination().into(form.result_list(), replace=form.cleaned_data["replace"])
        context |= {"count": form.combination().records().count(), "into": form.result_list()}
        context |= {"added": match.missing().count, "removed": match.surplus().count}
    part = request.headers.get("HX-Target") == "count"
    template = "targets/combine_count.html" if part else "targets/combine.html"
    return render(request, template, context, status=422 if form.errors and not part else 200)


def _combine(request: Request, form: CombineForm) -> HttpResponse:
    target_list = form.result_list()
    if target_list.pk is None:
        target_list.assigned_user = request.user
        save_list(target_list, request.user)
    done = works.combine(request.user, form.combination(), target_list, replace=form.cleaned_data["replace"])
    if isinstance(done, BackgroundTask):
        return redirect(done)
    if done["verb"]:
        offer(request, done["text"], done["verb"], **done["arguments"])
    else:
        messages.success(request, done["text"])
    return redirect(target_list)


def _from_selection(request: Request) -> HttpResponse:
    lists = list(pages.target_lists(request).selected().values_list("pk", flat=True))
    if not lists:
        messages.error(request, _("Nothing was selected."))
        return redirect("targets:list")
    query = QueryDict(mutable=True)
    query["first"] = str(lists[0])
    query.setlist("others", [str(pk) for pk in lists[1:]])
    return redirect(f"{reverse('targets:combine')}?{query.urlencode()}")


def _prefilled(request: Request) -> dict[str, Any]:
    way = request.GET.get("way")
    return {
        "first": request.GET.get("first"),
        "others": [text for text in request.GET.getlist("others") if text.isdecimal()],
        **({"way": way} if way else {}),
    }
