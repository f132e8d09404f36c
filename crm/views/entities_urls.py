"""URL map of the Entity Manager."""

from django.urls import path

from crm.views.administration import entities, entity_fields

urlpatterns = [
    path("admin/entities/", entities.entity_list, name="entity_list"),
    path("admin/entities/new/", entities.entity_new, name="entity_new"),
    path("admin/entities/panels/", entities.entity_panels, name="entity_panels"),
    path("admin/entities/<int:pk>/", entities.entity_detail, name="entity_detail"),
    path("admin/entities/<int:pk>/edit/", entities.entity_edit, name="entity_edit"),
    path("admin/entities/<int:pk>/move/", entities.entity_move, name="entity_move"),
    path("admin/entities/<int:pk>/remove/", entities.entity_remove, name="entity_remove"),
    path("admin/entities/<int:pk>/fields/new/", entity_fields.entity_field_new, name="entity_field_new"),
    path("admin/entities/fields/<int:pk>/", entity_fields.entity_field, name="entity_field"),
    path("admin/entities/fields/<int:pk>/kind/", entity_fields.entity_field_kind, name="entity_field_kind"),
    path("admin/entities/fields/<int:pk>/move/", entity_fields.entity_field_move, name="entity_field_move"),
    path("admin/entities/fields/<int:pk>/remove/", entity_fields.entity_field_remove, name="entity_field_remove"),
]
