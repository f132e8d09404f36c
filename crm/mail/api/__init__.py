"""Mail providers (ESPs) by API key: the work of the SMTP client over HTTP, through the backends of django-anymail.

In the order in which a message passes:

server.py      ApiServer: which provider, with which key; made from an email account
outlet.py      ApiConnection: open, stream, send, close, as the SMTP Connection has them
messages.py    the octets of a finished mail → the message that a backend turns into its provider's form
answers.py     the provider's answer → Attempt, in the words of SMTP, so that one table judges both
asking.py      Test Connection

providers.py is the table of what differs from provider to provider. No database and no models in here.
"""
