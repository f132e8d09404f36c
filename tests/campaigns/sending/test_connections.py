"""The connections of an account, shared by all workers: never more than it has, and none without work for long."""

import secrets
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Portion, PortionStatus
from campaigns.sending.accounts import connections_for
from campaigns.sending.claims import claim_next
from crm.models import EmailAccount
from tests.examples import examples
from tests.factories import EmailAccountFactory


def running(account: EmailAccount, seconds: int = 60, worker: str = "") -> Portion:
    now = timezone.now()
    return Portion.objects.create(
        mass_email_id=1, account_id=account.pk, status=PortionStatus.RUNNING, size=1, created_at=now,
        lease_until=now + timedelta(seconds=seconds), claim_token=worker or secrets.token_hex(12),
    )  # fmt: skip


def test_one_worker_has_them_all(db: None) -> None:
    account = EmailAccountFactory.create(connections=4)
    assert connections_for(running(account)) == 4


def test_a_second_worker_waits_until_the_first_has_closed_some(db: None) -> None:
    account = EmailAccountFactory.create(connections=5)
    first, second = running(account), None
    assert connections_for(first) == 5
    second = running(account)
    assert connections_for(second) == 0, "the first still has all of them"
    assert connections_for(first, in_use=5) == 3
    assert connections_for(second) == 0, "the first was told, and has not closed any yet"
    assert connections_for(first, in_use=4) == 3
    assert connections_for(second) == 1
    assert connections_for(first, in_use=3) == 3
    assert connections_for(second, in_use=1) == 2


def test_the_next_portion_of_a_worker_says_what_its_others_say(db: None) -> None:
    account = EmailAccountFactory.create(connections=4)
    first = running(account, worker="first")
    assert connections_for(first) == 4
    now = timezone.now()
    for _number in range(2):  # one of them was another worker's, who handed it on
        Portion.objects.create(mass_email_id=1, account_id=account.pk, size=1, created_at=now, connections=3)

    own, of_second = (claim_next(account.pk, worker, alone_only=False) for worker in ("first", "second"))

    assert own is not None and of_second is not None
    assert (own.connections, of_second.connections) == (4, 0)


def test_more_workers_than_connections_wait_in_turn(db: None) -> None:
    account = EmailAccountFactory.create(connections=2)
    portions = [running(account) for _number in range(4)]
    assert [connections_for(portion) for portion in portions] == [1, 1, 0, 0]
    Portion.objects.filter(pk=portions[0].pk).update(status=PortionStatus.DONE)
    assert [connections_for(portion) for portion in portions[1:]] == [1, 1, 0]


def test_a_dead_worker_keeps_its_share_until_its_lease_ends(db: None) -> None:
    account = EmailAccountFactory.create(connections=4)
    dead = running(account)
    assert connections_for(dead) == 4
    heir = running(account)
    assert connections_for(heir) == 0
    Portion.objects.filter(pk=dead.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert connections_for(heir) == 4


def test_a_worker_with_two_portions_is_one_worker(db: None) -> None:
    account = EmailAccountFactory.create(connections=4)
    old = running(account, worker="busy")
    assert connections_for(old) == 4
    new = running(account, worker="busy")
    assert connections_for(new, in_use=4) == 4
    other = running(account)
    Portion.objects.filter(pk=old.pk).update(status=PortionStatus.DONE)
    assert connections_for(other) == 0, "the busy one still has all of them, for its second portion"
    assert connections_for(new, in_use=2) == 2
    assert connections_for(other) == 2


def test_accounts_do_not_share(db: None) -> None:
    one, other = EmailAccountFactory.create(connections=4), EmailAccountFactory.create(connections=3)
    assert (connections_for(running(one)), connections_for(running(other))) == (4, 3)


@pytest.mark.django_db
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(most=st.integers(1, 6), acts=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("beask")), max_size=40))
def test_the_sum_never_exceeds_what_the_account_has(most: int, acts: list[tuple[int, str]]) -> None:
    """Workers begin, end and ask in any order; who may have fewer closes one at a time."""
    account = EmailAccountFactory.create(connections=most)
    portions: dict[int, Portion] = {}
    is_open: dict[int, int] = {}
    for number, act in [*acts, *((number, "ask") for _round in range(20) for number in range(4))]:
        if act == "b" and number not in portions:
            portions[number], is_open[number] = running(account), 0
        elif act == "e" and number in portions:
            Portion.objects.filter(pk=portions.pop(number).pk).update(status=PortionStatus.DONE)
            del is_open[number]
        elif number in portions:
            allowed = connections_for(portions[number], in_use=is_open[number])
            is_open[number] = allowed if allowed >= is_open[number] else is_open[number] - 1
        assert sum(is_open.values()) <= most
    shares = [is_open[number] for number in sorted(portions, key=lambda number: portions[number].pk)]
    assert sum(shares) == (most if shares else 0), "none lies idle once all have asked a few times"
    assert not shares or max(shares) - min(shares) <= 1
