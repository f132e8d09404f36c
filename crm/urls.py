"""The URL map. The apps above are named as strings: crm imports nothing above it."""

from django.urls import include, path

urlpatterns = [
    path("", include("campaigns.public_urls")),
    path("", include("campaigns.urls")),
    path("", include("campaigns.hook_urls")),
    path("", include("campaigns.administration_urls")),
    path("", include("targets.urls")),
    path("", include("crm.pages")),
]
