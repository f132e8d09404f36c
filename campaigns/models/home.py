"""Where this database lives."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Home(models.Model):
    """One row, pk 1: what tells this database from a restored copy of it, see campaigns.sending.restored."""

    place = models.CharField(max_length=200)
    runs = models.PositiveBigIntegerField(default=0)  # of sending, counted so far

    class Meta:
        verbose_name = _("Home")
        verbose_name_plural = _("Homes")

    def __str__(self) -> str:
        return self.place
