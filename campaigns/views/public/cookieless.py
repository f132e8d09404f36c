"""Recipient pages know no cookies, whatever the middleware of the signed-in pages would do with them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

PATHS = ("/t/", "/o/", "/u/", "/p/", "/v/", "/l/")


class CookielessMiddleware:
    """Stands before sessions. Drops the cookies that a browser has for this site (a colleague's session, a stranger's
    rubbish) before anything looks at them, and lets no answer set or depend on one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATHS):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        response = self.get_response(request)
        response.cookies.clear()
        depends = [name for name in response.headers.get("Vary", "").split(", ") if name != "Cookie"]
        response.headers["Vary"] = ", ".join(name for name in depends if name) or "Accept-Language"
        return response
