from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("CRM")

    def ready(self) -> None:
        """The apps register into the core: jobs, pages, panels, checks of health, undo, demo data, database checks."""
        autodiscover_modules(
            "jobs", "navigation", "core_navigation", "health_checks", "undoing", "demo", "database_checks"
        )
