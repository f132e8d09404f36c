"""URL map of the core: shell and records, and the administration pages."""

from crm.views.administration_urls import urlpatterns as administration
from crm.views.shell_urls import urlpatterns as shell

app_name = "crm"
urlpatterns = [*administration, *shell]
