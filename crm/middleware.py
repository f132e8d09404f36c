"""What a view has to see before anybody reads the body; what a signed-in person chose: language and time zone."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation

from crm.forms.shell import SignInForm
from crm.kept_forms import page_before, written
from crm.models import User
from crm.users import zone_of

Door = TypeVar("Door", bound=Callable[..., Any])


def before_body(look: Callable[..., HttpResponseBase | None]) -> Callable[[Door], Door]:
    """Marks a view: `look(request, **kwargs)` is asked before the CSRF check reads the body, whoever it is that asks.
    What it answers, unless None, is the answer."""

    def mark(view: Door) -> Door:
        vars(view)["before_body"] = look
        return view

    return mark


class BeforeBodyMiddleware:
    """Stands before the CSRF check, which reads the body: of a file that is too large not even the start is wanted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        look: Callable[..., HttpResponseBase | None] | None = getattr(view, "before_body", None)
        return look(request, **kwargs) if look else None


class SignInMiddleware(LoginRequiredMiddleware):
    """Strangers sign in first. A session may end while somebody writes: what they send then waits in the page for
    signing in, and a part of a page that asks for itself hears 401 instead of getting that page in its place."""

    def handle_no_permission(  # type: ignore[override]  # more than a redirect
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        if again := written(request):
            context = {"form": SignInForm(), "next": request.get_full_path(), "again": again}
            return render(request, "crm/login.html", context, status=401)
        return redirect_to_login(page_before(request))  # a button: it is pressed again on its page


class PersonalSettingsMiddleware:
    """Activates the user's language and zone, and keeps signed-in pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zone_of(user)):
            response = self.get_response(request)
            if isinstance(response, HttpResponseNotAllowed) and request.method == "GET":
                response.content = render_to_string("404.html", request=request)  # better than an empty window
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response
