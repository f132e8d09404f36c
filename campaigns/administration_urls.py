"""What campaigns add to the administration of email accounts."""

from django.urls import path

from campaigns.views import administration

app_name = "bounces"
urlpatterns = [
    path("admin/email-accounts/<int:pk>/probe/", administration.probe, name="probe"),
    path("admin/email-accounts/<int:pk>/webhook/", administration.webhook, name="webhook"),
    path("admin/email-accounts/<int:pk>/webhook/remove/", administration.webhook_remove, name="webhook_remove"),
]
