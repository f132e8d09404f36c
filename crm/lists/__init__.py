"""One list for every page: search, filters, chips, sort, numbered pages, selection and "all results".

A view says what its list is made of, and the same function serves the page, its htmx fragment and the bulk actions:

    def contact_list(request: Request) -> ListPage[Record]:
        return ListPage(
            request,
            Record.objects.for_list(),
            label=_("Contacts"),
            columns=[
                Column("name", _("Name"), sort=("name",), is_link=True),
                Column("created_at", _("Created At"), sort=("created_at",), template="includes/cell_when.html"),
            ],
            search=lambda rows, text: rows.filter(name__icontains=text),
            chips=[Chip("all", _("All")), Chip("active", _("Active"), Q(status="active"))],
            filters=[Filter("owner", _("Assigned User"), lambda rows, pk: rows.filter(owner_id=pk), owner_choices)],
            bulk=[BulkAction(_("Remove"), reverse("crm:records_remove", args=["contacts"]), "trash")],
            row_menu="crm/record_menu.html",
            order="name",
            kept_as="contacts",
        )

    def contacts(request):        return contact_list(request).render("crm/record_list.html", {"extra": 1})
    def remove_contacts(request): rows = contact_list(request).selected()      # POST

`export=reverse(…)` offers all results as a file (crm.exports). `kept_as="contacts"` lets people choose columns and page
size and save filters under that name; `criteria` gives the list its filter builder (crm.criteria).

The page template says `{% include "includes/list.html" %}`; it gets the list as `list`. Everything works by links and
forms; with htmx only the results are swapped. A list asks the database for the ids of a page, for its rows, for the
counts of all its chips together, for the person's settings and saved filters: five queries whatever it shows, beside
those of its filters' choices (and on PostgreSQL, when it is narrowed, one to three to find out how to ask best: see
`found.py`). Nothing is counted beyond CEILING rows unless somebody asks for the exact number. `is_indexed=True` on a
column whose order an index has lets very many results begin where the list does.

`crm.lists.held` is the same list over rows that are in no database, `crm.lists.asking` has the fields that plain lists
are asked about.
"""

from crm.lists import asking
from crm.lists.page import ListPage
from crm.lists.parts import CEILING, BulkAction, Chip, Column, Filter, Nothing, Text

__all__ = ["CEILING", "BulkAction", "Chip", "Column", "Filter", "ListPage", "Nothing", "Text", "asking"]
