"""Categories of target lists: the tree with its acts, and putting lists into one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Request, marketer
from targets import pages
from targets.categories import branches, categorise, move
from targets.forms.combining import CategoryForm, MoveCategoryForm
from targets.models import TargetList


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def categories(request: Request) -> HttpResponse:
    """POST gives a category another name or place, or with an empty name dissolves it."""
    form = MoveCategoryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _tell(request, move(form.cleaned_data["old"], form.cleaned_data["new"], request.user))
            return redirect("targets:categories")
        except ValueError:
            form.add_error("new", _("A category below it would get too long a name."))
    context = {"branches": branches(), "form": form}
    return render(request, "targets/categories.html", context, status=422 if form.errors else 200)


@marketer
@require_POST
def categorise_lists(request: Request) -> HttpResponse:
    """The bulk action: the first POST asks for the category, the second one (`confirmed`) moves the lists there."""
    page = pages.target_lists(request)
    lists = TargetList.objects.filter(pk__in=page.selected().order_by().values("pk"))
    number = lists.count()
    if not number:
        messages.error(request, _("Nothing was selected."))
        return redirect("targets:list")
    form = CategoryForm(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        _tell(request, categorise(lists, form.cleaned_data["category"], request.user))
        return redirect("targets:list")
    context = {"form": form, "number": number, "kept": page.selection_fields(), "branches": branches()}
    return render(request, "targets/categorise.html", context, status=422 if form.errors else 200)


def _tell(request: Request, number: int) -> None:
    text = ngettext("%(number)s list was moved.", "%(number)s lists were moved.", number)
    messages.success(request, text % {"number": number})
