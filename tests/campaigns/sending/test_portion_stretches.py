"""The ids between which a portion's items lie: they find all of them, however retries and new people are mixed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import MassEmail, Portion, QueueItem, QueueStatus
from campaigns.sending import portions
from campaigns.sending.claims import claim, finish
from campaigns.sending.portions import cut_portions
from campaigns.sending.queue import start_due
from tests.examples import examples

Q = QueueStatus


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    queue=st.lists(st.sampled_from([Q.PENDING, Q.DEFERRED, Q.SENT, Q.SKIPPED]), min_size=10, max_size=10),
    size=st.integers(1, 5),
    rounds=st.integers(1, 3),
)
def test_every_portion_finds_whom_it_was_dealt_and_nobody_else(
    due: Callable[..., MassEmail], monkeypatch: pytest.MonkeyPatch, queue: list[Q], size: int, rounds: int
) -> None:
    monkeypatch.setattr(portions, "PORTION_SIZE", size)
    MassEmail.objects.all().delete()  # those of the example before
    Portion.objects.all().delete()
    mass_email = due(people=len(queue))
    start_due()
    items = QueueItem.objects.filter(mass_email_id=mass_email.pk)
    for pk, status in zip(items.order_by("pk").values_list("pk", flat=True), queue, strict=True):
        items.filter(pk=pk).update(status=status, next_try_at=timezone.now() - timedelta(hours=1))
    for _round in range(rounds):  # what is given back is dealt out again, beside what others have in hand
        made = Portion.objects.filter(pk__in=cut_portions())
        for portion in made:
            held = QueueItem.in_hand_of(portion)
            assert portion.size == held.count() == items.filter(portion_id=portion.pk).count() <= size
        assert not items.filter(status__in=[Q.PENDING, Q.DEFERRED]).exists()
        for portion in made[:2]:
            assert (taken := claim(portion.pk, "a")) is not None
            assert finish(taken, 0)
            assert not QueueItem.in_hand_of(taken).exists()
