"""Home: the first steps until all are done, then figures and what is going on."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.access import Request, reader
from crm.navigation import home_figures, home_panels, steps


@reader
@require_safe
def home(request: Request) -> HttpResponse:
    first = steps(request)
    open_steps = [step for step in first if not step.is_done and not step.is_optional]
    context = {
        "greeting": greeting(timezone.localtime(), request.user.first_name or request.user.username),
        "steps": first if open_steps else [],
        "done": sum(step.is_done for step in first),
        "current": open_steps[0] if open_steps else None,
        "figures": home_figures(request),
        "panels": home_panels(request),
    }
    return render(request, "crm/home.html", context)


def greeting(local: datetime, name: str) -> str:
    if 5 <= local.hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    if 12 <= local.hour < 18:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}
