"""What a signed-in person chose for themselves: language and time zone."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from crm.models import Settings, User


class PersonalSettingsMiddleware:
    """Activates the user's language and zone, and keeps signed-in pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        if request.session.accessed:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> None:
        # Public views are left alone: looking for a user reads the session, and recipient pages work without one.
        user = request.user if getattr(view, "login_required", True) else None
        if not isinstance(user, User):
            return
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        timezone.activate(zoneinfo.ZoneInfo(user.time_zone or Settings.load().time_zone))
