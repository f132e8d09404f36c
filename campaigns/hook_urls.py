"""Where other programs post what they know about our mails."""

from django.urls import path

from campaigns.views.provider_events import provider_events

app_name = "hooks"
urlpatterns = [path("hooks/esp/<int:pk>/", provider_events, name="provider_events")]
