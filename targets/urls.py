"""URL map of target lists and reports. A panel is named by the slug of its entity type, behind the fixed names."""

from django.urls import path

from targets.views import lists, members, report_results, reports, select

app_name = "targets"
urlpatterns = [
    path("target-lists/", lists.target_lists, name="list"),
    path("target-lists/new/", lists.target_list_new, name="new"),
    path("target-lists/add/<slug:type>/", select.add_selected, name="add_selected"),
    path("target-lists/unlink/<slug:type>/", select.unlink_selected, name="unlink_selected"),
    path("target-lists/<int:pk>/", lists.target_list_detail, name="detail"),
    path("target-lists/<int:pk>/edit/", lists.target_list_edit, name="edit"),
    path("target-lists/<int:pk>/remove/", lists.target_list_remove, name="remove"),
    path("target-lists/<int:pk>/duplicate/", lists.target_list_duplicate, name="duplicate"),
    path("target-lists/<int:pk>/unlink/", members.unlink_members, name="unlink"),
    path("target-lists/<int:pk>/unlink-all/", members.unlink_everybody, name="unlink_all"),
    path("target-lists/<int:pk>/export/", members.export_members, name="export"),
    path("target-lists/<int:pk>/about/", members.about, name="about"),
    path("target-lists/<int:pk>/opt-out/", members.opt_out_members, name="opt_out_members"),
    path("target-lists/<int:pk>/opted-out/", members.opted_out, name="opted_out"),
    path("target-lists/<int:pk>/members/<int:membership>/opt-out/", members.opt_out_member, name="opt_out"),
    path(
        "target-lists/<int:pk>/members/<int:membership>/cancel-opt-out/",
        members.cancel_opt_out_member,
        name="cancel_opt_out",
    ),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/new/", reports.report_new, name="report_new"),
    path("reports/<int:pk>/", reports.report_detail, name="report"),
    path("reports/<int:pk>/edit/", reports.report_edit, name="report_edit"),
    path("reports/<int:pk>/duplicate/", reports.report_duplicate, name="report_duplicate"),
    path("reports/<int:pk>/remove/", reports.report_remove, name="report_remove"),
    path("reports/<int:pk>/pin/", reports.report_pin, name="report_pin"),
    path("reports/<int:pk>/export/", report_results.report_export, name="report_export"),
    path("reports/<int:pk>/target-list/", report_results.report_target_list, name="report_target_list"),
    path("reports/<int:pk>/filter/", report_results.report_filter, name="report_filter"),
    path("reports/<int:pk>/card/", report_results.report_card, name="report_card"),
    path("target-lists/<int:pk>/<slug:type>/", members.panel, name="panel"),
    path("target-lists/<int:pk>/<slug:type>/select/", select.select, name="select"),
]
