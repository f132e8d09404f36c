"""What campaigns add to the administration: bounces of email accounts, and the pages that recipients see."""

from django.urls import include, path

from campaigns.views import administration, recipient_pages

accounts = [
    path("admin/email-accounts/<int:pk>/probe/", administration.probe, name="probe"),
    path("admin/email-accounts/<int:pk>/webhook/", administration.webhook, name="webhook"),
    path("admin/email-accounts/<int:pk>/webhook/remove/", administration.webhook_remove, name="webhook_remove"),
]
recipients = [
    path("admin/recipient-pages/", recipient_pages.look, name="look"),
    path("admin/recipient-pages/<slug:language>/", recipient_pages.texts, name="texts"),
    path("admin/recipient-pages/<slug:language>/<slug:page>/", recipient_pages.preview, name="preview"),
]
urlpatterns = [
    path("", include((accounts, "bounces"))),
    path("", include((recipients, "recipients"))),
]
