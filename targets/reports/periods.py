"""Days, weeks, months, quarters and years as groups. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def label(self) -> str:
        return str(LABELS[self])

    def begins(self, day: date) -> date:
        """The first day of the period that a day lies in; weeks begin on Monday, as in ISO 8601."""
        if self is Period.DAY:
            return day
        if self is Period.WEEK:
            return day - timedelta(days=day.weekday())  # the first day of the calendar is a Monday
        if self is Period.YEAR:
            return day.replace(month=1, day=1)
        return day.replace(month=day.month if self is Period.MONTH else 3 * ((day.month - 1) // 3) + 1, day=1)

    def ends(self, first: date) -> date:
        """The last day of the period that begins on `first`."""
        if self in {Period.DAY, Period.WEEK}:
            days = 0 if self is Period.DAY else 6
            return first + timedelta(days=min(days, (date.max - first).days))
        months = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}[self]
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        return date(year, month + 1, 1) - timedelta(days=1) if year <= date.max.year else date.max

    def called(self, first: date) -> str:
        if self is Period.WEEK:
            year, week, _weekday = first.isocalendar()
            return _("Week %(week)s of %(year)s") % {"week": week, "year": year}
        if self is Period.QUARTER:
            return _("Q%(quarter)s %(year)s") % {"quarter": (first.month + 2) // 3, "year": first.year}
        if self is Period.YEAR:
            return str(first.year)
        return formats.date_format(first, "YEAR_MONTH_FORMAT" if self is Period.MONTH else "DATE_FORMAT")

    def between(self, first: date, last: date) -> Iterator[date]:
        """The first days of all periods from that of `first` to that of `last`."""
        day = self.begins(first)
        while day <= last:
            yield day
            if (end := self.ends(day)) == date.max:
                return
            day = end + timedelta(days=1)


LABELS = {
    Period.DAY: gettext_lazy("by day"),
    Period.WEEK: gettext_lazy("by week"),
    Period.MONTH: gettext_lazy("by month"),
    Period.QUARTER: gettext_lazy("by quarter"),
    Period.YEAR: gettext_lazy("by year"),
}
