"""URL map of the core: shell and records, and the administration pages."""

from django.urls import path

from crm.views.administration_urls import urlpatterns as administration
from crm.views.entities_urls import urlpatterns as entities
from crm.views.health import health_json
from crm.views.shell_urls import urlpatterns as shell

app_name = "crm"
urlpatterns = [*administration, *entities, *shell, path("health.json", health_json, name="health_json")]
