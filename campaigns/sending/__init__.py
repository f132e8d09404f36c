"""How a mass email is sent, in the order in which it happens.

1. `freeze.py`    content, sender, links and lists are fixed; whoever edits them later changes nobody's mail.
2. `queue.py`     one row per person considered, with a reason for everyone who is left out; In Process.
3. `portions.py`  what may go out now under the hourly limits, cut into portions of up to 2,000 people.
4. `deliver.py`   one worker claims a portion (`claims.py`), and the next ones of the account while there are any. For
                  each that it has in hand (`in_hand.py`) it asks again who may be mailed (`recipients.py`), and keeps
                  the connections busy (`fleet.py`), with a message per person out of one skeleton (`message.py`,
                  `envelopes.py`). The connections live in a thread of their own, the database in the caller's.
5. `journal.py`   on disk before the final dot and at every reply: what a crash leaves behind can be told apart.
6. `outcomes.py`  replies become states, log rows, counters and address flags, in batches, each in one transaction
                  (`recording.py`).
7. `sweep.py`     what crashed workers left: resolved from the journal, nobody twice, nobody lost, the doubtful listed.

`restored.py` holds everything when the database turns out to be an old backup; `accounts.py` shares an account's
connections between its workers. `recording.py` and `crm/packed.py` are the statements below `outcomes.py`.

`stops.py` pauses with a reason that a person can read, and completes what is done.
"""
