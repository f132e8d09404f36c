"""URL map of the shell: signing in, Home, search, preferences; then the records of every entity type, last of all."""

from django.urls import URLPattern, path

from crm.views import (
    auth,
    exporting,
    health,
    help,
    home,
    lists,
    preferences,
    records,
    records_bulk,
    search,
    styleguide,
    undoing,
)

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("login/", auth.login, name="login"),
    path("logout/", auth.logout, name="logout"),
    path("search/", search.search, name="search"),
    path("profile/", preferences.profile, name="profile"),
    path("profile/password/", preferences.password, name="password"),
    path("profile/theme/", preferences.set_theme, name="set_theme"),
    path("profile/language/", preferences.set_language, name="set_language"),
    path("filters/new/<slug:key>/", lists.saved_filter_new, name="saved_filter_new"),
    path("filters/<int:pk>/", lists.saved_filter, name="saved_filter"),
    path("filters/<int:pk>/update/", lists.saved_filter_update, name="saved_filter_update"),
    path("filters/<int:pk>/remove/", lists.saved_filter_remove, name="saved_filter_remove"),
    path("filters/columns/<slug:key>/", lists.list_settings, name="list_settings"),
    path("profile/sidebar/", preferences.set_sidebar, name="set_sidebar"),
    path("exports/", exporting.export_list, name="export_list"),
    path("exports/<int:pk>/", exporting.export_download, name="export_download"),
    path("exports/<int:pk>/remove/", exporting.export_remove, name="export_remove"),
    path("undo/", undoing.undo, name="undo"),
    path("help/", help.help_page, name="help"),
    path("health/", health.health, name="health"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    # A type's slug is its folder; the pages above win over it, and new types may not take their names.
    path("<slug:type>/", records.record_list, name="record_list"),
    path("<slug:type>/new/", records.record_new, name="record_new"),
    path("<slug:type>/export/", records_bulk.records_export, name="records_export"),
    path("<slug:type>/remove/", records_bulk.records_remove, name="records_remove"),
    path("<slug:type>/edit/", records_bulk.records_edit, name="records_edit"),
    path("<slug:type>/suggest/", records.record_suggest, name="record_suggest"),
    path("<slug:type>/<int:pk>/", records.record_detail, name="record_detail"),
    path("<slug:type>/<int:pk>/related/", records.record_related, name="record_related"),
    path("<slug:type>/<int:pk>/edit/", records.record_edit, name="record_edit"),
    path("<slug:type>/<int:pk>/remove/", records.record_remove, name="record_remove"),
    path("<slug:type>/<int:pk>/address/", records.record_address_flag, name="record_address_flag"),
]
