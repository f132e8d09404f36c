"""The sandbox mail server: everything can be tried out without the internet and without mailing anybody.

behaviours.py   addresses that misbehave on purpose, one table
server.py       SMTP on loopback: answers by that table and keeps what it accepts
bounce.py       what an accepted message to such an address comes back as (RFC 3464)
keeper.py       where messages and bounces are kept, and how many
store.py        for pages: list, search, read, delete
reading.py      a message taken apart: headers, HTML, text, attachments
"""
