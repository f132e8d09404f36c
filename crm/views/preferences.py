"""What people set for themselves: theme, language, profile, password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.access import Request, reader
from crm.audit import audit
from crm.changes import differences
from crm.context_processors import SIDEBAR_COOKIE, THEME_COOKIE
from crm.forms.shell import OwnPasswordForm, ProfileForm
from crm.models import Theme, User

A_YEAR = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponse:
    """To the page that the form came from, when that is one of ours."""
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return redirect(asked if safe else "crm:home")


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    response = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen in Theme.values:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return response


@reader
@require_POST
def set_sidebar(request: Request) -> HttpResponse:
    """Icons alone, or icons with their words."""
    response = _back(request)
    chosen = "narrow" if request.POST.get("sidebar") == "narrow" else "wide"
    response.set_cookie(
        SIDEBAR_COOKIE, chosen, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Kept with the user, else in a cookie: the page before signing in is in it too."""
    response = _back(request)
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return response
    if isinstance(request.user, User):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
    )
    return response


@reader
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: Request) -> HttpResponse:
    user = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=user)
    if form.is_valid():
        _save_profile(request, form)
        return redirect("crm:profile")
    context = {"form": form, "password_form": OwnPasswordForm(request.user)}
    return render(request, "crm/profile.html", context, status=422 if form.errors else 200)


def _save_profile(request: Request, form: ProfileForm) -> None:
    names = list(ProfileForm.Meta.fields)
    changed = differences(request.user, form.instance, names)
    if changed:
        form.instance.save(update_fields=list(changed))
        audit(request.user, "user.profile_changed", form.instance, **changed)
    translation.activate(form.instance.language or translation.get_language_from_request(request))
    messages.success(request, _("Saved."))


@reader
@require_POST
def password(request: Request) -> HttpResponse:
    form = OwnPasswordForm(request.user, request.POST)
    if form.is_valid():
        form.save()
        update_session_auth_hash(request, request.user)
        audit(request.user, "user.password_changed", request.user)
        messages.success(request, _("Your password was changed. Other browsers are signed out."))
        return redirect("crm:profile")
    context = {"form": ProfileForm(instance=request.user), "password_form": form}
    return render(request, "crm/profile.html", context, status=422)
