"""What a signed-in person chose for themselves: language and time zone."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from crm.models import User
from crm.users import zone_of


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
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response
