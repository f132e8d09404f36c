"""Saving and removing tracking URLs. Mails already sent point to frozen links, which none of this touches."""

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns.models import EmailTemplate, TrackingUrl
from crm.audit import audit
from crm.models import User

_AUDITED = {"name": "name", "action": "link_action", "url": "url"}  # field → its name in the trail


def save_tracking_url(form: forms.ModelForm, user: User) -> TrackingUrl:  # type: ignore[type-arg]
    """Store a valid form; where a link leads is worth a trail."""
    is_new = form.instance.pk is None
    with transaction.atomic():
        saved: TrackingUrl = form.save()
        changed = [name for name in _AUDITED if name in form.changed_data]
        changes = {_AUDITED[name]: [form.initial.get(name), getattr(saved, name)] for name in changed}
        audit(user, "tracking_url.created" if is_new else "tracking_url.changed", saved, **changes)
    return saved


def remove_tracking_url(tracking_url: TrackingUrl, user: User) -> None:
    with transaction.atomic():
        audit(user, "tracking_url.removed", tracking_url, url=tracking_url.url)
        tracking_url.delete()


def templates_that_use(tracking_url: TrackingUrl) -> "QuerySet[EmailTemplate]":
    """The email templates that name its code."""
    written = Q(body__contains=tracking_url.code) | Q(text_body__contains=tracking_url.code)
    return EmailTemplate.objects.filter(written).only("name")
