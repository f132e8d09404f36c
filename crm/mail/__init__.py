"""The wire: SMTP client, verdicts over replies, accounts, and the sandbox mail server.

smtp.py             Connection: one TCP connection that sends message after message and always knows the phase
smtp_protocol.py    the words: Server, Envelope, Phase, Reply, Attempt
smtp_replies.py     octets from the server -> Reply and Extensions        (pure)
smtp_commands.py    Envelope -> octets for the server                     (pure)
smtp_wire.py        replies one by one, with a limit on every wait
smtp_window.py      CHUNKING: several messages in flight over one connection
smtp_session.py     from TCP to a session that may send: greeting, EHLO, STARTTLS, AUTH
verdict.py          how an attempt ended -> what becomes of item, account and address, one table
account_server.py   an email account of the database -> Server
account_check.py    Test Connection and Send Test Email of an account
secrets.py          stored passwords, encrypted
sandbox/            an SMTP server to try everything out without the internet
"""
