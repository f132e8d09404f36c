"""K12 to K15: the SMTP server refuses, greylists, drops, hangs, or lets nobody in any more."""

from collections import Counter
from contextlib import AbstractContextManager

from tests.certificates import Authority
from tests.faults.registry import fault
from tests.faults.world import Verdict, World, environment
from tests.smtp_server import Act, SmtpServer

LONGEST_BACK_OFF = 31  # minutes


@fault("K12", "SMTP refuses connections for an hour")
def refused(world: World) -> Verdict:
    world.populate(world.scale(200, 10_000), connections=2)
    world.sink.steer(refuse=1)
    failures = world.call("minute_by_minute", 60)
    world.expect(failures[-1] > 0, "nobody noticed")
    steps = [after - before for before, after in zip(failures, failures[1:], strict=False)]
    world.expect(max(steps) <= 1, f"{max(steps)} attempts in one minute")
    world.expect(set(world.states().values()) == {"PENDING"}, f"{Counter(world.states().values())}: who is charged?")
    world.sink.steer(refuse=0)
    world.call("minute_by_minute", LONGEST_BACK_OFF)
    world.expect(set(world.states().values()) == {"SENT"}, "not all was sent within one back-off")
    return world.verdict()


@fault("K13", "SMTP greylists every first attempt", greylist_ms=1500)
def greylisted(world: World) -> Verdict:
    """Ten minutes of the database's time are 1.5 s here: the first retry comes too early for nobody."""
    world.populate(world.scale(200, 10_000), connections=2)
    world.call("minute_by_minute", 1)
    states = Counter(world.states().values())
    world.expect(states["DEFERRED"] == states.total(), f"{dict(states)} behind the first attempt")
    world.settle(resuming=False)
    verdict = world.verdict()
    world.expect(verdict.totals.get("FAILED", 0) == 0, "greylisting failed somebody")
    return verdict


@fault(
    "K14", "SMTP: 5 % dropped before and after, 421, 2 % 5xx, 2 % hang",
    drop_before_rate=0.05, drop_after_rate=0.05, goodbye_every=20, reject_rate=0.02, hang_rate=0.02, chunking=0,
)  # fmt: skip
def mixed_weather(world: World) -> Verdict:
    """Whoever reads "Sending stopped" looks, and resumes."""
    world.populate(world.scale(300, 5_000), connections=8)
    world.spawn("schedule_and_sweep")
    workers = [world.spawn("work", impatient=0.7) for _number in range(2)]
    world.wait(lambda: world.call("go_on", world.mass_email), world.scale(120, 1200))
    for worker in workers:
        world.end(worker)
    world.sink.steer(drop_before_rate=0, drop_after_rate=0, hang_rate=0)
    world.settle()
    lines = world.sink.lines()
    dropped = sum(line.what == "dropped" for line in lines)
    refused_ones = {line.address for line in lines if line.what == "refused"}
    verdict = world.verdict(uncertain=dropped)
    failed = {address for address, state in world.states().items() if state == "FAILED"}
    world.expect(failed == refused_ones, f"{len(failed)} failed, the server refused {len(refused_ones)}")
    world.expect(verdict.uncertain == dropped, f"{verdict.uncertain} uncertain, {dropped} dropped after accepting")
    return verdict


@fault("K15", "AUTH fails in mid-run, the certificate expires in mid-run")
def locked_out(world: World) -> Verdict:
    """Refused credentials pause with the reason; a bad certificate lets the account wait. Neither charges anybody."""
    authority = Authority(world.herald.folder)
    good, expired = authority.certificate("127.0.0.1"), authority.certificate("127.0.0.1", days=-1)
    with SmtpServer(certificate=good, credentials=("news", "secret")) as server, _trusting(authority):
        world.copies = lambda: [message.recipient for message in server.messages]
        server.on("AUTH", Act("535 5.7.8 Authentication failed"), skip=2, times=1)
        secured = {"smtp_security": "starttls", "smtp_auth": True, "smtp_username": "news", "password": "secret"}
        people = world.scale(60, 1_000)
        world.populate(people, smtp_port=server.port, connections=1, messages_per_connection=people // 6, **secured)
        _pauses(world, "AUTH")
        server.certificate = expired
        _backs_off(world)
        server.certificate = good
        world.settle()
        verdict = world.verdict()
        world.expect(verdict.totals == {"SENT": people}, "somebody was charged")
        world.expect(server.violations == [], f"{server.violations[:3]}")
        return verdict


def _trusting(authority: Authority) -> AbstractContextManager[None]:
    return environment(SSL_CERT_FILE=str(authority.ca_file))


def _pauses(world: World, why: str) -> None:
    """Send until it is paused, as a minute's tick would, and resume."""
    reason = world.call("send_until_paused", world.mass_email)
    world.expect(why.lower() in reason.lower(), f"{why}: the reason given is {reason!r}")
    _charges_nobody(world, why)


def _backs_off(world: World) -> None:
    before = len(world.copies())
    world.call("minute_by_minute", 3)
    ((error,),) = world.sql("SELECT last_error FROM crm_emailaccount WHERE smtp_auth")
    world.expect("certificate" in error, f"the account says {error!r}")
    world.expect(len(world.copies()) == before, "something was sent to who cannot prove to be the server")
    _charges_nobody(world, "certificate")


def _charges_nobody(world: World, why: str) -> None:
    charged = set(world.states().values()) - {"SENT", "PENDING"}
    world.expect(not charged, f"{why}: {charged}")
