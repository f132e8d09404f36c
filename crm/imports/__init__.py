"""Import of records from a file, in the order in which it happens.

upload.py     takes the file in, streaming, and stops what is too large
encoding.py   guesses the encoding;  dialect.py  the delimiter and whether there is a header     (pure)
reading.py    a CSV as rows, each whole or with what is wrong with it                            (pure)
workbook.py   an XLSX: looked through for bombs, then one sheet of it written as CSV             (pure)
fields.py     what a type can take, guessing.py  which column is which
plan.py       what the person chose: mapping, mode, matching, default values, target list
cells.py      text of a cell → value, by the same form fields that people type into;  rows.py  a whole row
matching.py   which rows are about records that there are
writing.py    a portion of rows and how far the import has come, in one transaction
running.py    the background work; reverting.py  its inverse; destinations.py  target lists, registered from above
tidying.py    files and rows go after HERALD_IMPORT_DAYS
"""
