"""Decisions about sending that cannot be taken back: GET asks with the numbers, POST does it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns.lifecycle import NotPossible, cancel, remove, resend_uncertain
from campaigns.models import MassEmail, MassEmailStatus
from campaigns.progress import progress
from campaigns.views.pages import Question, ask
from campaigns.views.sending import mass_email_of
from crm.access import Request, marketer
from crm.restoring import snapshot
from crm.undo import offer


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_view(request: Request, pk: int) -> HttpResponse:
    mass_email = mass_email_of(pk)
    if request.method != "POST":
        return ask(request, _about_cancel(mass_email), mass_email)
    try:
        cancel(mass_email, request.user)
    except NotPossible as refusal:
        return ask(request, _about_cancel(mass_email, str(refusal)), mass_email, status=422)
    messages.success(request, _("Canceled. Nobody else gets it."))
    return redirect(mass_email)


def _about_cancel(mass_email: MassEmail, refusal: str = "") -> Question:
    state = progress(mass_email)
    waiting = state.pending + state.deferred
    got = ngettext("%(n)s person has got it.", "%(n)s people have got it.", state.sent) % {"n": state.sent}
    not_yet = ngettext("%(n)s person will not get it.", "%(n)s people will not get it.", waiting) % {"n": waiting}
    told = [sentence for sentence, number in ((got, state.sent), (not_yet, waiting)) if number]
    sentences = [*told, _("A canceled mass email cannot go on. To interrupt it, pause it.")]
    return Question(
        _("Cancel “%(name)s”?") % {"name": mass_email.name}, sentences, _("Cancel sending"),
        mass_email.get_absolute_url(), refusal=refusal or _not_in(mass_email, "pending", "in_process"),
    )  # fmt: skip


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def resend_view(request: Request, pk: int) -> HttpResponse:
    mass_email = mass_email_of(pk)
    if request.method != "POST":
        return ask(request, _about_resend(mass_email), mass_email)
    try:
        count = resend_uncertain(mass_email, request.user)
    except NotPossible as refusal:
        return ask(request, _about_resend(mass_email, str(refusal)), mass_email, status=422)
    text = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", count)
    messages.success(request, text % {"n": count})
    return redirect(mass_email)


def _about_resend(mass_email: MassEmail, refusal: str = "") -> Question:
    count = progress(mass_email).uncertain
    sentences = [
        ngettext(
            "For %(n)s message the answer of the server was lost: it may have arrived.",
            "For %(n)s messages the answer of the server was lost: they may have arrived.", count,
        ) % {"n": count},
        _("Whoever got it already gets it twice. Herald never does this by itself."),
    ]  # fmt: skip
    none = "" if count else _("No message of this mass email is Uncertain.")
    return Question(
        _("Send the uncertain messages of “%(name)s” again?") % {"name": mass_email.name}, sentences,
        _("Send again"), mass_email.get_absolute_url(), refusal=refusal or none,
    )  # fmt: skip


@marketer
@require_http_methods(["GET", "HEAD", "POST"])
def remove_view(request: Request, pk: int) -> HttpResponse:
    mass_email = mass_email_of(pk)
    campaign = mass_email.campaign
    if request.method != "POST":
        return ask(request, _about_remove(mass_email), mass_email)
    row = snapshot(mass_email) if mass_email.status == MassEmailStatus.DRAFT else ""
    try:
        remove(mass_email, request.user)
    except NotPossible as refusal:
        return ask(request, _about_remove(mass_email, str(refusal)), mass_email, status=422)
    if row:
        offer(request, _("The mass email was removed."), "mass_email.remove", row=row)
    else:
        messages.success(request, _("The mass email was removed."))
    return redirect(campaign)


def _about_remove(mass_email: MassEmail, refusal: str = "") -> Question:
    sent = mass_email.sent_count
    sentences = [_("It has not been sent yet.")]
    if sent:
        kept = _("The log is kept. Links and opt-out links in mails already sent keep working.")
        text = ngettext("%(n)s person got it; its numbers leave the statistics of the campaign.",
                        "%(n)s people got it; its numbers leave the statistics of the campaign.", sent)  # fmt: skip
        sentences = [text % {"n": sent}, kept]
    elif mass_email.status == MassEmailStatus.PENDING:
        sentences = [_("It is scheduled and will not be sent.")]
    return Question(
        _("Remove the mass email “%(name)s”?") % {"name": mass_email.name}, sentences, _("Remove"),
        mass_email.get_absolute_url(), refusal=refusal,
    )  # fmt: skip


def _not_in(mass_email: MassEmail, *states: str) -> str:
    if mass_email.status in states:
        return ""
    return _("Only a mass email that is Pending or In Process can be canceled.")
