from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("CRM")

    def ready(self) -> None:
        """The apps register into the core: jobs, pages, criteria, bulk acts, health, undo, imports, demo, checks."""
        autodiscover_modules(
            "jobs",
            "core_jobs",
            "navigation",
            "core_navigation",
            "criteria",
            "bulk",
            "health_checks",
            "undoing",
            "importing",
            "demo",
            "demo",
            "database_checks",
        )
