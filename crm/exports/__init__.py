"""Tables as files for spreadsheets: CSV and XLSX, however many rows there are, in the same memory.

A list that can be exported is a source: a function that finds its table again, with the rights of the person who asks,
from parameters that a background task can keep. It is registered once,

    register("contacts", lambda user, given: Table(                # (User, plain JSON values) -> Table
        _("Contacts"), rows, [Column("name", _("Name"), ("name",)), …], action="record.exported", back="/contacts/"))

and its view is one line behind a guard, since options, download and background task are the same for all:

    return export(request, "contacts", {"selection": selection_of(request)})       # crm.views.exporting

A few thousand rows are a download at once. More are written by a worker into the data directory, with progress; the
file is for its owner alone, and the job *Clean-up* removes it when its days are over (crm.exports.keeping).
"""

from crm.exports.sources import open_table, register
from crm.exports.table import Column, Table, Value

__all__ = ["Column", "Table", "Value", "open_table", "register"]
