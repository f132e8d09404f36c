"""Template tags about entity types and their fields: `{% load herald_entities %}`."""

from django import template
from django.utils.safestring import SafeString

from crm.entities.words import label_of
from crm.models import EntityField, EntityType
from crm.templatetags.herald import copy

register = template.Library()


@register.simple_tag
def field_label(field: EntityField) -> str:
    """The label as people read it: built-in ones in their language."""
    return label_of(field)


@register.simple_tag
def placeholder(entity_type: EntityType, name: str) -> SafeString:
    """`{Gym.memberSince}`, to be copied."""
    return copy(f"{{{entity_type.key}.{name}}}")
