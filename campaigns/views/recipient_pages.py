"""Administration of the recipient pages: their look, their texts per language, and how they will read."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from campaigns.forms.recipient_pages import RecipientLookForm, RecipientTextsForm
from campaigns.models import RecipientPages
from campaigns.recipient_pages import PAGES, languages_with_own_texts, own_texts, save_look, save_texts
from campaigns.tracking.recipient import Recipient, Subscription
from campaigns.views.pages import posted
from campaigns.views.public.page import POLICY, html_of
from crm.access import Request, administrator
from crm.administration import Item, register
from crm.models import EmailAddress

# As on the real pages, but it may stand in a frame of ours, and nothing in it can be posted.
PREVIEW_POLICY = POLICY.replace("form-action 'self'", "form-action 'none'").replace(
    "ancestors 'none'", "ancestors 'self'"
)


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: Request) -> HttpResponse:
    pages = RecipientPages.load()
    files = request.FILES if request.method == "POST" else None
    form = RecipientLookForm(posted(request), files, initial={"accent": pages.accent})
    if form.is_bound and form.is_valid():
        save_look(form.cleaned_data["accent"], request.user, form.new_logo)
        messages.success(request, _("Saved."))
        return redirect("recipients:look")
    context = {"form": form, "pages": pages, "languages": languages_with_own_texts(pages)}
    return render(request, "administration/recipient_pages.html", context, status=422 if form.errors else 200)


@administrator
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request: Request, language: str) -> HttpResponse:
    """The fields show the standard in the language that they are written for."""
    name = _language(language)
    pages = RecipientPages.load()
    form = RecipientTextsForm(posted(request), initial=own_texts(pages, language))
    if form.is_bound and form.is_valid():
        save_texts(language, form.cleaned_data, request.user)
        messages.success(request, _("Saved."))
        return redirect("recipients:texts", language)
    with override(language):
        for field in form.fields.values():
            field.widget.attrs["placeholder"] = str(field.widget.attrs["placeholder"])
    context = {
        "form": form, "written_in": language, "name": name, "languages": languages_with_own_texts(pages),
    }  # fmt: skip
    return render(request, "administration/recipient_texts.html", context, status=422 if form.errors else 200)


@administrator
@xframe_options_sameorigin
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: Request, language: str, page: str) -> HttpResponse:
    """As a recipient will see it, with what stands in the form. Writes nothing."""
    _language(language)
    if page not in PAGES:
        raise Http404
    pages = RecipientPages.load()
    form = RecipientTextsForm(posted(request))
    if form.is_bound:
        form.full_clean()
        pages.texts = {**pages.texts, language: form.cleaned_data}
    with override(language):
        response = HttpResponse(html_of(f"public/{page}.html", _sample(), language, pages))
    response["Content-Security-Policy"] = PREVIEW_POLICY
    return response


def _language(code: str) -> str:
    """Its name; 404 for a language that Herald does not speak."""
    if (name := dict(settings.LANGUAGES).get(code)) is None:
        raise Http404
    return str(name)


def _sample() -> dict[str, object]:
    """A person who exists nowhere, on one list."""
    person = Recipient(0, 0, None, EmailAddress(address="maria.santos@example.com"), "", None)
    lists = [Subscription(0, _("Newsletter"), "", True)]
    return {
        "person": person, "subscriptions": lists, "names": [lists[0].name], "opt_out_path": "", "is_preview": True,
        "message": _("Here stands the message of the tracking URL."), "has_heading": False,
    }  # fmt: skip


def _state() -> str:
    pages = RecipientPages.load()
    number = sum(count for _code, _name, count in languages_with_own_texts(pages))
    if not number:
        return _("Standard texts in every language")
    return ngettext("%(number)s text of your own", "%(number)s texts of your own", number) % {"number": number}


register(Item(gettext_lazy("Email"), gettext_lazy("Recipient pages"), "recipients:look", "user-check", _state, 47))
