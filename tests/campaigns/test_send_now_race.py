"""Undo and the start of sending at the same moment, in two connections: exactly one of them happens."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from campaigns.lifecycle import NotPossible, send_now, undo_send
from campaigns.models import MassEmail, MassEmailStatus, QueueItem
from campaigns.sending.queue import start
from crm.models import User
from tests.campaigns.pages_world import make_world

ROUNDS = 5


def at_once(*acts: Callable[[], None]) -> None:
    """Run the acts in threads that begin together, each with a connection of its own."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        try:
            gate.wait(10)
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_either_it_starts_or_it_is_undone(marketer: User) -> None:
    draft = make_world().draft
    for _round in range(ROUNDS):
        MassEmail.objects.filter(pk=draft.pk).update(status=MassEmailStatus.DRAFT, started_at=None)
        QueueItem.objects.filter(mass_email_id=draft.pk).delete()
        waiting = MassEmail.objects.select_related("campaign", "template", "account").get(pk=draft.pk)
        send_now(waiting, marketer)
        MassEmail.objects.filter(pk=draft.pk).update(start_at=timezone.now() - timedelta(seconds=1))
        happened: list[str] = []
        refused: list[Exception] = []

        def undo(
            mass_email: MassEmail = waiting, seen: list[str] = happened, refused: list[Exception] = refused
        ) -> None:
            try:
                undo_send(mass_email, marketer)
                seen.append("undone")
            except (NotPossible, OperationalError) as refusal:
                refused.append(refusal)  # too late, or the other holds the only writer of SQLite: nothing was written

        def begin(pk: int = draft.pk, seen: list[str] = happened, refused: list[Exception] = refused) -> None:
            try:
                if start(pk):
                    seen.append("started")
            except OperationalError as refusal:
                refused.append(refusal)  # the job comes again

        at_once(undo, begin)
        status = MassEmail.objects.get(pk=draft.pk).status
        queued = QueueItem.objects.filter(mass_email_id=draft.pk).exists()
        assert happened in (["undone"], ["started"]) or refused, "nobody won, and nobody was told why"
        expected = {"undone": (MassEmailStatus.DRAFT, False), "started": (MassEmailStatus.IN_PROCESS, True)}
        assert (status, queued) == expected[happened[0]] if happened else not queued
