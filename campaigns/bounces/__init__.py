"""What came back: bounces, complaints and everything else in the group mailbox.

In this order; everything above the line is pure and is called with the octets of one message:

verdicts.py   the words: Kind, Reason, Refusal, Classification
classify.py   classify(raw) -> Classification: hard, soft, complaint or none, per recipient
identify.py   evidence_of(raw) -> Evidence: what may prove which of our mails it is about, in order of trust
---
checker.py    fetches the messages of an account, each handled once
act.py        Classification + proven queue item -> address, item and log
webhooks.py   the same from an ESP
"""
