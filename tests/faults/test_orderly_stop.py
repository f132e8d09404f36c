"""Stopping `manage.py up` in the middle of a mass email: nobody is left in doubt, nobody lost, nobody mailed twice."""

import json
import time
from collections import Counter
from pathlib import Path

from tests.stack import Stack, running_stack

PEOPLE = 40
SETUP = f"""
from campaigns.models import MassEmailStatus
from crm.models import EmailAccount
from tests.factories import MassEmailFactory, RecordFactory, TargetListFactory
people = [RecordFactory.create(email=f"slow.{{n}}@example.com") for n in range({PEOPLE})]
EmailAccount.objects.update(connections=4)
MassEmailFactory.create(account=None, status=MassEmailStatus.PENDING, lists=[TargetListFactory.create(records=people)])
"""
SEND = """
from crm.jobs import run_job_now
from crm.models import ScheduledJob, User
run_job_now(ScheduledJob.objects.get(key="send_mass_emails"), User.objects.get(username="admin"))
"""
# Each message takes three seconds: more at a time, now that nothing depends on what is in hand.
HASTEN = """
from crm.models import EmailAccount
EmailAccount.objects.update(connections=20)
"""
STATES = """
import json
from campaigns.models import QueueItem, QueueStatus
print(json.dumps([QueueStatus(status).name for status in QueueItem.objects.values_list("status", flat=True)]))
"""


def states(stack: Stack) -> Counter[str]:
    return Counter(json.loads(stack.shell(STATES).splitlines()[-1]))


def wait_until_sent(stack: Stack, count: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while len(stack.messages()) < count:
        assert time.monotonic() < deadline, (len(stack.messages()), states(stack), stack.log[-30:])
        time.sleep(0.2)


def test_a_stop_in_mid_portion_finishes_the_messages_in_hand_and_the_next_start_sends_the_rest(tmp_path: Path) -> None:
    with running_stack(tmp_path, "--no-demo") as stack:
        stack.shell(SETUP)
        stack.shell(SEND)
        wait_until_sent(stack, 4, 120)
        began = time.monotonic()
        assert stack.stop() == 0
        assert time.monotonic() - began < 30

        after_stop = states(stack)
        assert set(after_stop) <= {"SENT", "PENDING", "CLAIMED"}
        assert 4 <= after_stop["SENT"] < PEOPLE
        assert after_stop["SENT"] == len(stack.messages())

        stack.start("--no-demo")
        stack.shell(HASTEN + SEND)
        wait_until_sent(stack, PEOPLE, 240)
    assert states(stack) == {"SENT": PEOPLE}
    recipients = Counter(str(message["Delivered-To"]) for message in stack.messages())
    assert set(recipients.values()) == {1}
    assert len(recipients) == PEOPLE
