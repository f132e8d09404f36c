"""Opt-out, Subscribe again, and the choice of lists.

Every change comes by POST to the address that the mail calls its opt-out link. It is the one view without CSRF
protection: RFC 8058 §3.1 forbids cookies there. What a POST may do is decided by the signed tokens in it instead:
the one in the address opts out, and the others stand only in forms shown to who has that address.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from campaigns import log
from campaigns.tracking.recipient import Recipient, Subscription, recipient_of
from campaigns.tracking.tokens import BadToken, Purpose, make, read
from campaigns.views.public.page import recipient_page, show


@csrf_exempt
@recipient_page("GET", "HEAD", "OPTIONS", "POST")
def opt_out(request: HttpRequest, token: str) -> HttpResponse:
    """The opt-out link of a mail: a page with one button for browsers, one-click (RFC 8058) for mail programs."""
    person = recipient_of(*read(Purpose.OPT_OUT, token))
    if request.method != "POST":
        return _ask(request, person)
    answers = _answers(request)
    if "resubscribe" in answers:
        return _subscribe_again(request, person, answers)
    if "preferences" in answers:
        return _save_preferences(request, person, answers)
    # Whatever else the body says, or fails to say: who posts here wants no more mail.
    channel = "one-click" if "List-Unsubscribe" in answers else "page"
    log.opt_out(person.item, person.address_id, channel)
    return _done(request, recipient_of(person.item_id, person.address_id))


@recipient_page("GET", "HEAD")
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """The lists that the person is on. Its form posts to the opt-out address."""
    person = recipient_of(*read(Purpose.PREFERENCES, token))
    context = {"saved": "saved" in request.GET, "subscribed": "subscribed" in request.GET}
    return _show(request, person, "public/preferences.html", person.subscriptions(), context)


def _ask(request: HttpRequest, person: Recipient) -> HttpResponse:
    """Changes nothing. Shows the result to who has opted out already, so that a reload does not ask again."""
    rows = person.subscriptions()
    if person.has_opted_out(rows) and not person.is_test:
        return _done(request, person)
    context = {"names": person.lists_to_leave(rows), "is_partial": _is_about_lists(rows)}
    return _show(request, person, "public/opt_out.html", rows, context, script=True)


def _done(request: HttpRequest, person: Recipient) -> HttpResponse:
    rows = person.subscriptions()
    names = [] if person.has_stopped_all else person.left_lists(rows)
    context = {"names": names, "is_partial": not person.has_stopped_all and _is_about_lists(rows)}
    return _show(request, person, "public/opted_out.html", rows, context)


def _is_about_lists(rows: list[Subscription]) -> bool:
    """Whether other mail still comes after this opt-out; that of lists which are not named, where no name is shown."""
    return any(row.is_meant for row in rows)


def _subscribe_again(request: HttpRequest, person: Recipient, answers: QueryDict) -> HttpResponse:
    _require(Purpose.RESUBSCRIBE, person, answers.get("resubscribe", ""))
    log.opt_in(person.item, person.address_id, "page")
    return _to_preferences(request, person, "subscribed")


def _save_preferences(request: HttpRequest, person: Recipient, answers: QueryDict) -> HttpResponse:
    """Only lists that the form showed and that the person is (still) on are touched."""
    _require(Purpose.PREFERENCES, person, answers.get("preferences", ""))
    if "stop" in answers:
        log.opt_out(person.item, person.address_id, "preferences", entirely=True)
        return _to_preferences(request, person, "saved")
    shown, ticked = set(answers.getlist("shown")), set(answers.getlist("list"))
    lists = [row.pk for row in person.subscriptions() if str(row.pk) in shown and not row.is_internal]
    wanted = [pk for pk in lists if str(pk) in ticked]
    unwanted = [pk for pk in lists if str(pk) not in ticked]
    log.choose_lists(
        person.item,
        person.address_id,
        wanted=wanted,
        unwanted=unwanted + person.left_with(wanted, unwanted),
        resume="stopped" in answers,
    )
    return _to_preferences(request, person, "saved")


def _require(purpose: Purpose, person: Recipient, token: str) -> None:
    """Raises BadToken unless the form's token belongs to the same person and mail as the address it was posted to."""
    if read(purpose, token) != (person.item_id, person.address_id):
        raise BadToken


def _to_preferences(request: HttpRequest, person: Recipient, word: str) -> HttpResponse:
    path = reverse("public:preferences", args=[make(Purpose.PREFERENCES, person.item_id, person.address_id)])
    query = {"lang": request.GET["lang"]} if "lang" in request.GET else {}
    return HttpResponse(status=303, headers={"Location": f"{path}?{urlencode(query | {word: '1'})}"})


def _answers(request: HttpRequest) -> QueryDict:
    """The posted form; an empty one where the body cannot be read, because a wish to leave is never lost to syntax."""
    try:
        return request.POST
    except (MultiPartParserError, BadRequest, SuspiciousOperation):
        return QueryDict()


def _show(
    request: HttpRequest,
    person: Recipient,
    template: str,
    rows: list[Subscription],
    context: Mapping[str, object],
    script: bool = False,
) -> HttpResponse:
    ids = (person.item_id, person.address_id)
    common = {
        "person": person,
        "subscriptions": [row for row in rows if not row.is_internal],
        "opt_out_path": reverse("public:opt_out", args=[make(Purpose.OPT_OUT, *ids)]),
        "preferences_token": make(Purpose.PREFERENCES, *ids),
        "resubscribe_token": make(Purpose.RESUBSCRIBE, *ids),
    }
    return show(request, template, {**common, **context}, language=person.language, script=script)
