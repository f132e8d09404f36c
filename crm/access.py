"""Who may do what. Pages ask for a role before they do anything else."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from crm.models import User

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate["Request", P], HttpResponseBase]


class Request(HttpRequest):
    """A request of a signed-in person: what views behind the guards get."""

    user: User


def _guard(allowed: Callable[[User], bool]) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not (request.user.is_authenticated and allowed(request.user)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


reader = _guard(lambda user: user.is_active)
marketer = _guard(lambda user: user.can_edit)
administrator = _guard(lambda user: user.is_administrator)
