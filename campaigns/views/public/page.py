"""What all recipient pages share: their headers, their language, and the page for a link that leads nowhere."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.text import capfirst
from django.utils.translation.trans_real import parse_accept_lang_header

from campaigns.models import RecipientPages
from campaigns.recipient_pages import own_texts, said
from campaigns.tracking.tokens import BadToken

BODY_LIMIT = 16 * 1024  # octets; the largest honest body is a preferences form
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SCRIPT_POLICY = f"{POLICY}; script-src 'self'"
HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": POLICY,
}
# Java and old Android still say "in" for Indonesian.
_OLD_CODES = {"in": "id"}

View = Callable[..., HttpResponse]


def recipient_page(*methods: str) -> Callable[[View], View]:
    """A view for recipients. A token that is not ours gives the same friendly 404 page whatever is wrong with it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, token: str) -> HttpResponse:
            response = _answer(view, methods, request, token)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return login_not_required(page)

    return decorate


def _answer(view: View, methods: tuple[str, ...], request: HttpRequest, token: str) -> HttpResponse:
    if request.method not in methods:
        return HttpResponseNotAllowed(methods)
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > BODY_LIMIT:
        return HttpResponse(status=413)
    try:
        return view(request, token)
    except BadToken:
        return bad_link(request)


def bad_link(request: HttpRequest) -> HttpResponse:
    return show(request, "public/bad_link.html", status=404)


def show(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    language: str = "",
    status: int = 200,
    script: bool = False,
) -> HttpResponse:
    """A recipient page in the language of `page_language`. Rendered without the request, so without a session."""
    pages = RecipientPages.load()
    own = pages.settings
    with translation.override(page_language(request, language, own.language)):
        code = translation.get_language() or own.language
        response = HttpResponse(html_of(template, context or {}, code, pages), status=status)
    response["Content-Language"] = code
    patch_vary_headers(response, ["Accept-Language"])
    if script:
        response["Content-Security-Policy"] = SCRIPT_POLICY
    return response


def html_of(template: str, context: dict[str, Any], code: str, pages: RecipientPages) -> str:
    """The page in the active language, which is `code`, with the texts and the look that administrators gave it."""
    own = pages.settings
    person = context.get("person")
    values = {
        "address": person.masked if person else "", "lists": ", ".join(context.get("names", ())),
        "company": own.company_name, "contact": own.from_address,
    }  # fmt: skip
    common = {
        "settings": own, "language": code, "languages": _languages(), "look": pages,
        "own": said(own_texts(pages, code), values),
    }  # fmt: skip
    return render_to_string(template, common | context)


def page_language(request: HttpRequest, recipient: str, default: str) -> str:
    """What was chosen on the page, then the recipient's language, then the browser's, then the settings'."""
    codes = dict(settings.LANGUAGES)
    for code in (request.GET.get("lang", ""), recipient):
        if code in codes:
            return code
    for code, _weight in parse_accept_lang_header(request.headers.get("accept-language", "")):
        base = code.partition("-")[0]
        if (known := _OLD_CODES.get(base, base)) in codes:
            return known
    return default


def _languages() -> list[tuple[str, str]]:
    """Each language in its own words."""
    return [(code, capfirst(translation.get_language_info(code)["name_local"])) for code, _name in settings.LANGUAGES]
