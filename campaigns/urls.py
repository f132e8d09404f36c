"""Pages about campaigns, mass emails, email templates and tracking URLs."""

from django.urls import URLPattern

app_name = "campaigns"

urlpatterns: list[URLPattern] = []
