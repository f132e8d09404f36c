"""Users: list, create, rights, password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crm.access import Request, administrator
from crm.forms.administration_users import PasswordForm, UserForm
from crm.listings.users import user_list
from crm.models import Role, User
from crm.users import LastAdministrator, change_user, create_user, set_active, set_password


@administrator
@require_safe
def users(request: Request) -> HttpResponse:
    return user_list(request).render("administration/users.html")


@administrator
@require_POST
def user_activate(request: Request) -> HttpResponse:
    return _set_active(request, active=True)


@administrator
@require_POST
def user_deactivate(request: Request) -> HttpResponse:
    return _set_active(request, active=False)


def _set_active(request: Request, *, active: bool) -> HttpResponse:
    chosen = user_list(request)
    try:
        number = set_active(chosen.selected(), request.user, active=active)
    except LastAdministrator as reason:
        messages.error(request, str(reason))
    else:
        messages.add_message(request, messages.SUCCESS if number else messages.INFO, _told(number, active=active))
    return redirect(reverse("crm:user_list") + chosen.url())


def _told(number: int, *, active: bool) -> str:
    if not number:
        return _("Nothing to change: nothing was selected, or it was so already.")
    if active:
        return ngettext("%(n)s user can sign in again.", "%(n)s users can sign in again.", number) % {"n": number}
    return ngettext("%(n)s user can no longer sign in.", "%(n)s users can no longer sign in.", number) % {"n": number}


@administrator
def user_new(request: Request) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = UserForm(data, instance=User(role=Role.MARKETER))
    form_is_valid = form.is_valid()
    password = PasswordForm(data, user=form.instance)
    if form_is_valid and password.is_valid():
        create_user(form.instance, password.cleaned_data["password"], request.user)
        messages.success(request, _("“%(name)s” can sign in now.") % {"name": form.instance})
        return redirect("crm:user_list")
    context = {"form": form, "password_form": password}
    return render(request, "administration/user_new.html", context, status=422 if data is not None else 200)


@administrator
def user_edit(request: Request, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    form = UserForm(request.POST if request.method == "POST" else None, instance=user)
    if form.is_valid():
        try:
            change_user(form.instance, request.user, request.session.session_key)
        except LastAdministrator as reason:
            form.add_error("role", str(reason))
        else:
            messages.success(request, _("Saved."))
            gave_up = user == request.user and not user.is_administrator
            return redirect("crm:home" if gave_up else "crm:user_list")
    context = {"form": form, "person": User.objects.get(pk=pk), "password_form": PasswordForm(user=user)}
    return render(request, "administration/user.html", context, status=422 if form.errors else 200)


@administrator
def user_password(request: Request, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    form = PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        set_password(user, form.cleaned_data["password"], request.user, request.session.session_key)
        if user == request.user:
            update_session_auth_hash(request, user)
        messages.success(request, _("The password of “%(name)s” was set; their sessions ended.") % {"name": user})
        return redirect("crm:user_edit", user.pk)
    context = {"form": form, "person": user}
    return render(request, "administration/user_password.html", context, status=422 if form.errors else 200)
