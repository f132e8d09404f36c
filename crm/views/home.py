"""Home: the first steps until all are done, then this week, what is going on, and what needs somebody."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.access import Request, reader
from crm.navigation import Panel, home_figures, home_panels, needs, steps

LIVE = "live-"  # what the id of a panel begins with that asks for itself again


@reader
@require_safe
def home(request: Request) -> HttpResponse:
    target = request.headers.get("HX-Target", "")
    if target.startswith(LIVE):
        return _live_panel(request, target.removeprefix(LIVE))
    panels = home_panels(request)
    response = render(request, "crm/home.html", {**_first_steps(request), **_now(request, panels)})
    patch_vary_headers(response, ["HX-Target"])
    return response


@login_not_required
@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Where browsers ask when what they show names no icon: a part of a page, a picture, a download."""
    return redirect(static("img/favicon.svg"), permanent=False)


def _first_steps(request: Request) -> dict[str, object]:
    """Nothing of them when all are done that are not optional, and after the first send."""
    first = steps(request)
    still = [step for step in first if not step.is_done and not step.is_optional]
    return {
        "steps": first if still and not any(step.is_over for step in first) else [],
        "done": sum(step.is_done for step in first),
        "current": still[0] if still else None,
    }


def _now(request: Request, panels: list[Panel]) -> dict[str, object]:
    return {
        "greeting": greeting(timezone.localtime(), request.user.first_name or request.user.username),
        "figures": home_figures(request),
        "needs": needs(request),
        "panels": [panel for panel in panels if not panel.is_aside],
        "asides": [panel for panel in panels if panel.is_aside],
    }


def _live_panel(request: Request, name: str) -> HttpResponse:
    """One panel again, or nothing in its place when it has nothing more to show."""
    panel = next((panel for panel in home_panels(request) if panel.name == name), None)
    response = render(request, "crm/home_panel.html", {"panel": panel})
    patch_vary_headers(response, ["HX-Target"])
    return response


def greeting(local: datetime, name: str) -> str:
    if 5 <= local.hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    if 12 <= local.hour < 18:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}
