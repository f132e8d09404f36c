"""Send Test: who gets it, and what the server said."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.forms.send_test import SendTestForm
from campaigns.models import FrozenMassEmail, MassEmail
from campaigns.sending.errors import MessageError
from campaigns.sending.freeze import CannotStart
from campaigns.sending.test_send import TestResult, send_test
from campaigns.views.pages import posted, searched
from campaigns.views.sending import mass_email_of
from crm.access import Request, marketer
from crm.entities.finding import names_first
from crm.mail.secrets import SecretUnreadable
from crm.models import Record

MOST_FOUND = 20
_RESULTS = "send_test_results"  # in the session: a reload of the answer must not send again


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def send_test_page(request: Request, pk: int) -> HttpResponse:
    mass_email = mass_email_of(pk)
    form = SendTestForm(posted(request), initial={"users": [request.user.pk]})
    if request.method == "POST" and "search" not in request.POST and form.is_valid():
        answer = _send(request, mass_email, form)
        if answer is not None:
            return answer
    return _page(request, mass_email, form)


def _send(request: Request, mass_email: MassEmail, form: SendTestForm) -> HttpResponse | None:
    """None when it could not be sent; the form then says why."""
    try:
        results = send_test(mass_email, request.user, form.targets(), form.cleaned_data["addresses"])
    except (CannotStart, MessageError, SecretUnreadable) as trouble:
        form.add_error(None, str(trouble))
    except FrozenMassEmail.DoesNotExist:
        form.add_error(None, _("This mass email has never begun to send. Duplicate it to test it."))
    except ValidationError as refusal:
        form.add_error(None, refusal)
    else:
        request.session[_RESULTS] = {"mass_email": mass_email.pk, "results": [_stored(one) for one in results]}
        good = sum(1 for one in results if one.ok)
        say = messages.success if good == len(results) else messages.warning
        say(request, _("%(good)s of %(all)s test emails were accepted.") % {"good": good, "all": len(results)})
        return redirect("campaigns:mass_email_send_test", mass_email.pk)
    return None


def _stored(result: TestResult) -> dict[str, Any]:
    return {"address": result.address, "ok": result.ok, "reply": result.reply}


def _page(request: Request, mass_email: MassEmail, form: SendTestForm) -> HttpResponse:
    kept = request.session.pop(_RESULTS, None) if request.method == "GET" else None
    text = searched(request)
    people = Record.objects.exclude(email_address=None).for_list()
    found = names_first(people, text, MOST_FOUND) if text else []
    context = {
        "mass_email": mass_email, "campaign": mass_email.campaign, "form": form, "q": text,
        "found": _offered(form, found),
        "results": kept["results"] if kept and kept["mass_email"] == mass_email.pk else [],
    }  # fmt: skip
    failed = form.is_bound and "search" not in request.POST
    return render(request, "campaigns/send_test.html", context, status=422 if failed else 200)


def _offered(form: SendTestForm, found: Any) -> list[dict[str, Any]]:
    """The records ticked before and those just found, each with its tick."""
    ticked = [int(pk) for pk in form["records"].value() or [] if str(pk).isdecimal()][:MOST_FOUND]
    rows = {record.pk: record for record in Record.objects.for_list().filter(pk__in=ticked)}
    rows |= {record.pk: record for record in found}
    return [{"record": record, "is_ticked": pk in ticked} for pk, record in rows.items()]
