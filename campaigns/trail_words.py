"""What the entries of the audit trail about campaigns, their emails and what follows are called."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.models import Decision
from campaigns.recipient_pages import WORDINGS
from crm.trail import SAME, Told, register

register(
    {
        "bounce.reverted": _("Reverted"),
        "log.exported": _("Log exported"),
        "mass_email.canceled": _("Canceled"),
        "mass_email.paused": _("Paused"),
        "mass_email.resumed": _("Resumed"),
        "mass_email.retried": _("Sent again"),
        "mass_email.scheduled": _("Scheduled"),
        "mass_email.send_now": _("Send now"),
        "mass_email.send_undone": _("Send undone"),
        "mass_email.test_sent": _("Test sent"),
        "mass_email.uncertain_resent": _("Sent again"),
        "mass_email.unscheduled": _("Unscheduled"),
        "recipient_pages.look": _("Changed"),
        "recipient_pages.texts": _("Changed"),
        "template.attached": _("File attached"),
        "template.detached": _("File removed"),
    },
    {
        "accent": Told(_("Color")),
        "campaign": Told(_("Campaign"), "campaigns.campaign"),
        "count": Told(_("Number")),
        "decision": Told(_("Decision"), choices=Decision.choices),
        "file": Told(_("File")),
        "language": Told(_("Language"), choices=settings.LANGUAGES),
        "link_action": Told(_("Action")),
        "logo": Told(_("Logo")),
        "mass_email": Told(_("Mass Email"), "campaigns.massemail"),
        "of": Told(_("Source"), SAME),
        "size": Told(_("Size")),
        "version": Told(_("Version")),
        **{one.key: Told(one.label) for one in WORDINGS},
    },
)
