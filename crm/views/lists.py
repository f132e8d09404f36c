"""What people keep of lists: columns and page size, saved filters."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Request, reader
from crm.forms.lists import LONGEST_QUERY, NewFilterForm, SavedFilterForm
from crm.lists.keeping import forget_columns, keep_columns, keep_default, moved, remove_filter, save_filter
from crm.models import ListSettings, SavedFilter


def _next(request: Request) -> str:
    """The page that the form came from, when that is one of ours."""
    asked = request.POST.get("next", "") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if safe else "/"


def _back(request: Request, query: str = "") -> HttpResponse:
    return HttpResponseRedirect(_next(request) + query)


@reader
@require_POST
def list_settings(request: Request, key: str) -> HttpResponse:
    """`order` names all columns, `column` those to show; `do` is save, reset, up:NAME or down:NAME."""
    verb, _colon, name = request.POST.get("do", "save").partition(":")
    if verb == "reset":
        forget_columns(request.user, key)
        return _back(request)
    order, chosen = request.POST.getlist("order"), set(request.POST.getlist("column"))
    if verb in {"up", "down"}:
        order, chosen = moved(order, name, -1 if verb == "up" else 1), {*chosen, name}
    size = request.POST.get("size", "")
    shown = [column for column in order if column in chosen]
    keep_columns(request.user, key, shown, int(size) if size.isdecimal() else None)
    return _back(request)


@reader
@require_POST
def saved_filter_new(request: Request, key: str) -> HttpResponse:
    form = NewFilterForm(request.POST, instance=SavedFilter(owner=request.user, list_key=key), user=request.user)
    if not form.is_valid():
        messages.error(request, _("The filter was not saved: give it a name."))
        return _back(request, f"?{request.POST.get('query', '')[:LONGEST_QUERY]}")
    save_filter(form.instance, request.user)
    messages.success(request, _("“%(name)s” was saved.") % {"name": form.instance})
    return _shown(request, form.instance)


@reader
@require_http_methods(["GET", "HEAD", "POST"])
def saved_filter(request: Request, pk: int) -> HttpResponse:
    """Name, sharing and default; others' shared filters can be made one's own default."""
    saved = _seen(request, pk)
    may_edit = saved.may_be_edited_by(request.user)
    is_default = ListSettings.objects.filter(user=request.user, default_filter=saved).exists()
    posted = request.POST if request.method == "POST" else None
    form = SavedFilterForm(posted, instance=saved, user=request.user, initial={"is_default": is_default})
    if not may_edit:
        for name in form._meta.fields or ():
            form.fields.pop(name, None)
    if form.is_valid():
        if may_edit:
            save_filter(form.instance, request.user, ["name", "is_shared"])
        keep_default(request.user, saved, is_default=form.cleaned_data["is_default"])
        messages.success(request, _("Saved."))
        return _shown(request, saved)
    context = {"form": form, "saved": saved, "may_edit": may_edit, "next": _next(request)}
    return render(request, "crm/saved_filter.html", context, status=422 if form.errors else 200)


@reader
@require_POST
def saved_filter_update(request: Request, pk: int) -> HttpResponse:
    """The filter becomes what the list shows now."""
    saved = _editable(request, pk)
    saved.query = request.POST.get("query", "")[:LONGEST_QUERY]
    save_filter(saved, request.user, ["query"])
    messages.success(request, _("“%(name)s” was saved.") % {"name": saved})
    return _shown(request, saved)


@reader
@require_POST
def saved_filter_remove(request: Request, pk: int) -> HttpResponse:
    saved = _editable(request, pk)
    remove_filter(saved, request.user)
    messages.success(request, _("The filter “%(name)s” was removed.") % {"name": saved})
    return _back(request)


def _seen(request: Request, pk: int) -> SavedFilter:
    return get_object_or_404(SavedFilter, Q(owner=request.user) | Q(is_shared=True), pk=pk)


def _editable(request: Request, pk: int) -> SavedFilter:
    saved = _seen(request, pk)
    if not saved.may_be_edited_by(request.user):
        raise PermissionDenied
    return saved


def _shown(request: Request, saved: SavedFilter) -> HttpResponse:
    """The list with the filter."""
    return HttpResponseRedirect(f"{_next(request)}?{saved.query}{'&' if saved.query else ''}saved={saved.pk}")
