"""The list of people who sign in."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Fields, keyed
from crm.lists import BulkAction, Chip, Column, Filter, ListPage, Nothing, asking
from crm.models import Role, User


def user_list(request: Request) -> ListPage[User]:
    return ListPage(
        request,
        User.objects.all(),
        label=_("Users"),
        columns=_columns(),
        search=lambda rows, text: rows.filter(
            Q(username__icontains=text) | Q(email__icontains=text) | Q(first_name__icontains=text)
            | Q(last_name__icontains=text)
        ),
        search_hint=_("Name or email"),
        filters=[Filter("role", _("Role"), lambda rows, role: rows.filter(role=role), lambda: Role.choices)],
        criteria=_fields,
        chips=[
            Chip("all", _("All")),
            *(Chip(role, label, Q(role=role)) for role, label in Role.choices),
            Chip("inactive", _("Inactive"), Q(is_active=False)),
        ],
        bulk=[
            BulkAction(_("Activate"), reverse("crm:user_activate"), "user-check"),
            BulkAction(_("Deactivate"), reverse("crm:user_deactivate"), "user-off", is_dangerous=True),
        ],
        row_menu="administration/user_row_menu.html",
        kept_as="logins",
        order="username",
        nothing=Nothing(_("Nobody found"), icon="users"),
    )  # fmt: skip


def _columns() -> list[Column]:
    moment = "includes/cell_when.html"
    return [
        Column("name", _("Name"), str, "administration/cell_user.html", ("first_name", "last_name", "username")),
        Column("username", _("User name"), sort=("username",)),
        Column("email", _("Email"), sort=("email",), look="wide"),
        Column("role", _("Role"), User.get_role_display, sort=("role",)),
        Column("is_active", _("Status"), template="administration/cell_user_state.html", sort=("is_active",)),
        Column("last_login", _("Last signed in"), template=moment, sort=("last_login",), look="nowrap muted",
               is_sparse=True),
        Column("date_joined", _("Created At"), template=moment, sort=("date_joined",), look="nowrap muted",
               is_optional=True),
        Column("may_send_informational", _("May send informational email"), _yes_or_no, is_optional=True,
               sort=("may_send_informational",)),
    ]  # fmt: skip


def _yes_or_no(user: User) -> str:
    return _("Yes") if user.may_send_informational else _("No")


def _fields() -> Fields:
    return keyed([
        asking.text("username", _("User name")),
        asking.text("first_name", _("First name")),
        asking.text("last_name", _("Last name")),
        asking.text("email", _("Email")),
        asking.choice("role", _("Role"), Role.choices),
        asking.flag("is_active", _("Active"), Q(is_active=True)),
        asking.flag("informational", _("May send informational email"), Q(may_send_informational=True)),
        asking.moment("last_login", _("Last signed in")),
        asking.moment("date_joined", _("Created At")),
    ])  # fmt: skip
