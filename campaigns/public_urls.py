"""Where links in mails lead. campaigns.tracking.links writes the same paths."""

from django.urls import path

from campaigns.views import public

app_name = "public"
urlpatterns = [
    path("t/<str:token>", public.click, name="click"),
    path("o/<str:token>.gif", public.open_pixel, name="open"),
    path("u/<str:token>", public.opt_out, name="opt_out"),
    path("p/<str:token>", public.preferences, name="preferences"),
    path("l/<str:name>", public.look, name="look"),
    path("v/<str:token>", public.web_version, name="web_version"),
]
