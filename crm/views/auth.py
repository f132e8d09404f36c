"""Signing in and out. Django's own views: they know safe redirects, session rotation and sign-out by POST only."""

from django.contrib.auth.views import LoginView, LogoutView

from crm.forms.shell import SignInForm

login = LoginView.as_view(
    template_name="crm/login.html", authentication_form=SignInForm, redirect_authenticated_user=True
)
logout = LogoutView.as_view()
