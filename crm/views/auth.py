"""Signing in and out. Django's own views: they know safe redirects, session rotation and sign-out by POST only."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from crm.forms.shell import LeftOutForm, SignInForm
from crm.kept_forms import fields, left_out, written


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """`again`: what was written before the session ended (crm.kept_forms), and `next` where it was sent to."""

    template_name = "crm/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        again = request.POST.get("again", "")
        if again and request.user.is_authenticated:  # signed in meanwhile, in another tab
            return send_again(request, again, self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        again = self.request.POST.get("again", "")
        return send_again(self.request, again, self.get_success_url()) if again else answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "again": self.request.POST.get("again", "")}


login = SignIn.as_view()
logout = LogoutView.as_view()


def send_again(request: HttpRequest, again: str, url: str, status: int = 200) -> HttpResponse:
    """Signed in, and nothing was saved yet: one button sends it, with the token of this session and with what is never
    kept, which is asked for again."""
    context = {"fields": fields(again), "form": LeftOutForm(*left_out(again)), "url": url}
    return render(request, "crm/send_again.html", context, status=status)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The CSRF check failed. Who signed in anew, in another tab, has an old token in the form: nothing is lost."""
    again, url = written(request), request.get_full_path()
    if again and request.path == reverse("crm:login"):
        again, url = request.POST.get("again", ""), SignIn(request=request).get_success_url()
    if again and request.user.is_authenticated:
        return send_again(request, again, url, status=403)
    return render(request, "403_csrf.html", status=403)
