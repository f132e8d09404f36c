from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("CRM")

    def ready(self) -> None:
        """The apps register into the core: jobs, pages, criteria, bulk acts, exports, imports, health, undo, demo…"""
        autodiscover_modules(
            "jobs",
            "core_jobs",
            "navigation",
            "core_navigation",
            "criteria",
            "bulk",
            "exports",
            "health_checks",
            "undoing",
            "importing",
            "demo",
            "database_checks",
            "dependents",
            "removals",
            "questions",
            "placeholders",
            "trail_words",
        )
