"""*Resend* to people who did not open or click: the numbers first, then a Draft."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.forms.resend import ResendForm
from campaigns.lifecycle import NotPossible
from campaigns.models import MassEmail
from campaigns.resend import Missed, people_who_missed, resend, why_not
from campaigns.views.pages import posted
from campaigns.views.sending import mass_email_of
from crm.access import Request, marketer
from crm.models import Settings


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def resend_page(request: Request, pk: int) -> HttpResponse:
    mass_email = mass_email_of(pk)
    form = ResendForm(posted(request), initial=_proposed(mass_email))
    if form.is_valid():
        missed = Missed(form.cleaned_data["missed"])
        try:
            draft = resend(mass_email, missed, form.cleaned_data["name"], request.user)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("This is a Draft for them. Change the subject, then schedule it."))
            return redirect("campaigns:mass_email_edit", draft.pk)
    context = {
        "form": form, "mass_email": mass_email, "campaign": mass_email.campaign, "why_not": why_not(mass_email),
        "choices": [(missed, people_who_missed(mass_email, missed).count()) for missed in Missed],
        "opens_on": Settings.load().open_tracking or mass_email.opened_count > 0,
    }  # fmt: skip
    return render(request, "campaigns/resend.html", context, status=422 if form.errors else 200)


def _proposed(mass_email: MassEmail) -> dict[str, str]:
    missed = Missed.OPEN if mass_email.opened_count else Missed.CLICK
    return {"missed": missed, "name": _("%(name)s (again)") % {"name": mass_email.name[:190]}}
