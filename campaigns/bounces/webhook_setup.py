"""What administrators do with the webhook of an email account."""

import secrets

from django.db import transaction

from campaigns.bounces.webhooks import USER
from campaigns.models import EspWebhook
from crm.audit import audit
from crm.models import EmailAccount, Settings, User


def save_webhook(hook: EspWebhook, signing_key: str, user: User) -> str:
    """Store it with a new password; the whole address, which is shown this one time."""
    password = secrets.token_urlsafe(24)
    with transaction.atomic():
        hook.password = password
        if signing_key:
            hook.signing_key = signing_key
        hook.save()
        audit(user, "webhook.saved", hook, provider=hook.provider)
    return address_of(hook.account, password)


def remove_webhook(hook: EspWebhook, user: User) -> None:
    with transaction.atomic():
        audit(user, "webhook.removed", hook)
        hook.delete()


def address_of(account: EmailAccount, password: str) -> str:
    """As providers take it: the basic authentication stands in the URL."""
    scheme, _colon, rest = Settings.load().base_url.partition("://")
    return f"{scheme}://{USER}:{password}@{rest}/hooks/esp/{account.pk}/"
