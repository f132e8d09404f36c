"""What a person keeps of a list: columns and their order, page size, saved filters and the default one."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.lists.parts import Column, ShownChip
from crm.models import ListSettings, SavedFilter, User
from crm.models.lists import SIZES

if TYPE_CHECKING:
    from crm.lists.page import ListPage

PASSING = ("page", "count", "saved")  # of the state of a list, what no saved filter remembers


class Kept:
    def __init__(self, page: "ListPage[Any]", user: User) -> None:
        self.page, self.user = page, user

    @cached_property
    def settings(self) -> ListSettings:
        found = ListSettings.objects.filter(user_id=self.user.pk, list_key=self.page.kept_as).first()
        return found or ListSettings(user_id=self.user.pk, list_key=self.page.kept_as)

    @cached_property
    def saved(self) -> list[SavedFilter]:
        rows = SavedFilter.objects.filter(Q(owner_id=self.user.pk) | Q(is_shared=True), list_key=self.page.kept_as)
        return list(rows.select_related("owner").order_by("name", "pk"))

    # ---- columns and page size

    def size(self, otherwise: int) -> int:
        return self.settings.size or otherwise

    @property
    def sizes(self) -> Sequence[int]:
        return SIZES

    @property
    def shown_size(self) -> int:
        return self.size(self.page.size)

    def columns(self, columns: Sequence[Column]) -> list[Column]:
        """The chosen ones in the chosen order, the first one always: it leads to the row."""
        if not self.settings.columns:
            return [column for column in columns if not column.is_optional]
        known = {column.name: column for column in columns}
        chosen = [known[name] for name in self.settings.columns if name in known and name != columns[0].name]
        return [columns[0], *chosen]

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """(column, is shown) for the column chooser: those shown in their order, then the others."""
        shown = self.columns(self.page.columns)
        others = [column for column in self.page.columns if column not in shown]
        return [*((column, True) for column in shown[1:]), *((column, False) for column in others)]

    # ---- saved filters

    @cached_property
    def state(self) -> str:
        """The state of the list as a saved filter remembers it."""
        query = self.page.query.copy()
        for key in [key for key in query if not key.startswith(self.page.prefix)]:
            del query[key]
        for name in (*PASSING, *self.page.not_kept):
            query.pop(self.page.key(name), None)
        return query.urlencode()

    @cached_property
    def current(self) -> SavedFilter | None:
        asked = self.page.asked("saved")
        return next((one for one in self.saved if str(one.pk) == asked), None)

    @property
    def is_changed(self) -> bool:
        return self.current is not None and QueryDict(self.current.query) != QueryDict(self.state)

    @property
    def may_edit(self) -> bool:
        return self.current is not None and self.current.may_be_edited_by(self.user)

    @property
    def problems(self) -> list[str]:
        """Parts of the filter in use that this list no longer knows: leaving them out would show too much."""
        if self.current is None:
            return []
        names = ["q", self.page.chip_key, "sort", "where", *(filter.name for filter in self.page.filters)]
        known = {self.page.key(name) for name in names}
        gone = [key for key in QueryDict(self.state) if key not in known]
        stale = [one.filter.label for one in self.page.active_filters if not one.value]
        return [
            *(_("There is no field “%(field)s” any more.") % {"field": key.removeprefix("f_")} for key in gone),
            *(_("The value for “%(field)s” is no longer one of the choices.") % {"field": label} for label in stale),
        ]

    def chips(self) -> list[ShownChip]:
        """Without counts: `counted_chips` asks the database for them, once the page stands."""
        return [self._chip(one, None) for one in self.saved]

    def counted_chips(self) -> list[ShownChip]:
        pages = [replace(self.page, instead=QueryDict(self._query(one))) for one in self.saved]
        counts = self.page.counts_of(pages)
        return [
            self._chip(one, None if page.problems else count)
            for one, page, count in zip(self.saved, pages, counts, strict=True)
        ]

    def _query(self, one: SavedFilter) -> str:
        return f"{one.query}&{self.page.key('saved')}={one.pk}" if one.query else f"{self.page.key('saved')}={one.pk}"

    def _chip(self, one: SavedFilter, count: int | None) -> ShownChip:
        whose = "" if one.owner_id == self.user.pk else _("Shared by %(name)s") % {"name": one.owner}
        return ShownChip(one.name, f"?{self._query(one)}", count, one == self.current, whose)

    @property
    def has_default(self) -> bool:
        return self.settings.default_filter_id is not None

    @property
    def default_url(self) -> str:
        chosen = next((one for one in self.saved if one.pk == self.settings.default_filter_id), None)
        return f"?{self._query(chosen)}" if chosen else ""

    @property
    def is_default(self) -> bool:
        return self.current is not None and self.current.pk == self.settings.default_filter_id
