"""The list of email accounts."""

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.access import Request
from crm.criteria import Fields, keyed
from crm.lists import Chip, Column, ListPage, asking
from crm.models import AccountStatus, EmailAccount
from crm.models.accounts import AccountKind


def account_list(request: Request) -> ListPage[EmailAccount]:
    return ListPage(
        request,
        EmailAccount.objects.all(),
        label=_("Email Accounts"),
        columns=_columns(),
        search=lambda rows, text: rows.filter(
            Q(name__icontains=text) | Q(email_address__icontains=text) | Q(smtp_host__icontains=text)
        ),
        search_hint=_("Name or email"),
        criteria=_fields,
        chips=[
            Chip("all", _("All")),
            *(Chip(status, label, Q(status=status)) for status, label in AccountStatus.choices),
            Chip("error", _("Error"), ~Q(last_error="")),
        ],
        row_menu="administration/account_row_menu.html",
        kept_as="email-accounts",
        order="name",
    )


def _columns() -> list[Column]:
    folder = "administration"
    return [
        Column("name", _("Name"), template=f"{folder}/cell_account.html", sort=("name",)),
        Column("email_address", _("Email Address"), sort=("email_address",), look="wide"),
        Column("server", _("Server"), str, f"{folder}/cell_account_server.html", ("smtp_host", "provider")),
        Column("status", _("Status"), template=f"{folder}/cell_account_state.html", sort=("status",)),
        Column("last_answer", _("Last answer"), str, f"{folder}/cell_account_answer.html", ("last_ok_at",), "muted",
               is_sparse=True),
        Column("from_name", _("From Name"), sort=("from_name",), is_optional=True),
        Column("max_per_hour", _("Max number of emails sent per hour"), sort=("max_per_hour",), look="num",
               is_optional=True, is_sparse=True),
        Column("created_at", _("Created At"), template="includes/cell_when.html", sort=("id",), look="muted nowrap",
               is_optional=True),
    ]  # fmt: skip


def _fields() -> Fields:
    return keyed([
        asking.text("name", _("Name")),
        asking.text("email_address", _("Email Address")),
        asking.choice("status", _("Status"), AccountStatus.choices),
        asking.choice("kind", _("Sends through"), AccountKind.choices),
        asking.text("smtp_host", _("Host")),
        asking.flag("is_for_mass_email", _("Is for Mass Email"), Q(is_for_mass_email=True)),
        asking.text("last_error", _("Error")),
        asking.moment("last_ok_at", _("Last answer")),
    ])  # fmt: skip
