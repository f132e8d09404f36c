"""Where mail providers post their events. No session and no CSRF token: the caller proves itself by its password."""

import logging

from anymail.exceptions import AnymailWebhookValidationFailure
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.bounces.webhooks import BadEvents, act_on_events, events_of
from campaigns.models import EspWebhook
from crm.mail.secrets import SecretUnreadable

logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@require_http_methods(["HEAD", "POST"])
def provider_events(request: HttpRequest, pk: int) -> HttpResponse:
    """HEAD is how some providers try the address when it is entered."""
    if request.method == "HEAD":
        return HttpResponse()
    hook = get_object_or_404(EspWebhook.objects.select_related("account"), account_id=pk)
    try:
        events = events_of(hook, request)
    except (AnymailWebhookValidationFailure, SecretUnreadable) as refusal:
        logger.warning("Events for %s were refused: %s", hook, refusal)
        return HttpResponse(status=403)
    except BadEvents:
        logger.warning("Events for %s cannot be read", hook, exc_info=True)
        return HttpResponse(status=400)
    act_on_events(hook, events)
    return HttpResponse()
