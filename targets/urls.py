"""URL map of target lists. A panel is named by the slug of its entity type, behind the fixed names."""

from django.urls import path

from targets.views import categories, combining, copying, create, lists, members, select, sync

app_name = "targets"
urlpatterns = [
    path("target-lists/", lists.target_lists, name="list"),
    path("target-lists/new/", lists.target_list_new, name="new"),
    path("target-lists/combine/", combining.combine, name="combine"),
    path("target-lists/categories/", categories.categories, name="categories"),
    path("target-lists/categorise/", categories.categorise_lists, name="categorise"),
    path("target-lists/add/<slug:type>/", select.add_selected, name="add_selected"),
    path("target-lists/unlink/<slug:type>/", select.unlink_selected, name="unlink_selected"),
    path("target-lists/<int:pk>/", lists.target_list_detail, name="detail"),
    path("target-lists/<int:pk>/edit/", lists.target_list_edit, name="edit"),
    path("target-lists/<int:pk>/remove/", lists.target_list_remove, name="remove"),
    path("target-lists/<int:pk>/duplicate/", copying.duplicate, name="duplicate"),
    path("target-lists/<int:pk>/unlink/", members.unlink_members, name="unlink"),
    path("target-lists/<int:pk>/unlink-all/", members.unlink_everybody, name="unlink_all"),
    path("target-lists/<int:pk>/about/", members.about, name="about"),
    path("target-lists/<int:pk>/opt-out/", members.opt_out_members, name="opt_out_members"),
    path("target-lists/<int:pk>/cancel-opt-out/", members.cancel_opt_out_members, name="cancel_opt_out_members"),
    path("target-lists/<int:pk>/copy/", copying.copy_members, name="copy_members"),
    path("target-lists/<int:pk>/sync/", sync.sync, name="sync"),
    path("target-lists/<int:pk>/sync/edit/", sync.sync_edit, name="sync_edit"),
    path("target-lists/<int:pk>/sync/preview/", sync.sync_preview, name="sync_preview"),
    path("target-lists/<int:pk>/sync/now/", sync.sync_now, name="sync_now"),
    path("target-lists/<int:pk>/opted-out/", members.opted_out, name="opted_out"),
    path("target-lists/<int:pk>/members/<int:membership>/opt-out/", members.opt_out_member, name="opt_out"),
    path(
        "target-lists/<int:pk>/members/<int:membership>/cancel-opt-out/",
        members.cancel_opt_out_member,
        name="cancel_opt_out",
    ),
    path("target-lists/<int:pk>/<slug:type>/", members.panel, name="panel"),
    path("target-lists/<int:pk>/<slug:type>/create/", create.create_member, name="create_member"),
    path("target-lists/<int:pk>/<slug:type>/select/", select.select, name="select"),
]
