"""Labels of fields and options. Built-in ones are stored in English and translated when shown; others are as typed."""

from django.utils.translation import gettext, gettext_noop

from crm.models import EntityField

# Marked for translation here, because the rows are made by a migration.
BUILTIN_FIELDS = (
    gettext_noop("Job title"), gettext_noop("City"), gettext_noop("Country"), gettext_noop("Status"),
    gettext_noop("Source"), gettext_noop("Account name"), gettext_noop("Website"), gettext_noop("Type"),
    gettext_noop("Industry"),
)  # fmt: skip
BUILTIN_OPTIONS = (
    gettext_noop("New"), gettext_noop("Assigned"), gettext_noop("In Process"), gettext_noop("Converted"),
    gettext_noop("Recycled"), gettext_noop("Dead"), gettext_noop("Call"), gettext_noop("Email"),
    gettext_noop("Existing Customer"), gettext_noop("Partner"), gettext_noop("Public Relations"),
    gettext_noop("Web Site"), gettext_noop("Campaign"), gettext_noop("Other"), gettext_noop("Customer"),
    gettext_noop("Investor"), gettext_noop("Reseller"),
)  # fmt: skip


def label_of(field: EntityField) -> str:
    return gettext(field.label) if field.is_builtin else field.label


def option_label(field: EntityField, option: str) -> str:
    return gettext(option) if field.is_builtin and option else option


def options_of(field: EntityField) -> list[tuple[str, str]]:
    return [(str(option), option_label(field, str(option))) for option in field.options]
