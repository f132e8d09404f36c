"""What the entries of the audit trail about target lists and reports are called."""

from django.utils.translation import gettext_lazy as _

from crm.trail import SAME, Told, register
from targets.combining import Way
from targets.models import SyncMode

register(
    {
        "target_list.added": _("Added"),
        "target_list.categorised": _("Category changed"),
        "target_list.category_moved": _("Category changed"),
        "target_list.combined": _("Combined"),
        "target_list.filled": _("Added"),
        "target_list.opt_out": _("Opted out"),
        "target_list.opted_out": _("Opted out"),
        "target_list.opt_out_canceled": _("Opt-out canceled"),
        "target_list.opt_outs_canceled": _("Opt-out canceled"),
        "target_list.relinked": _("Added"),
        "target_list.sync_changed": _("Changed"),
        "target_list.synced": _("Synced"),
        "target_list.unlinked": _("Taken off"),
        "target_list.unlinked_all": _("Taken off"),
    },
    {
        "automatic": Told(_("Automatically")),
        "category": Told(_("Category")),
        "lists": Told(_("Target Lists"), SAME, is_many=True),
        "members": Told(_("Entries")),
        "mode": Told(_("Mode"), choices=SyncMode.choices),
        "pinned_by": Told(_("Pinned by")),
        "report": Told(_("Report"), "targets.report"),
        "reports": Told(_("Reports"), "targets.report", is_many=True),
        "source": Told(_("Source"), SAME),
        "way": Told(_("How"), choices=Way.choices),
    },
)
