"""The main job, as a marketer and a recipient live it, through the browser and real SMTP."""

import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.people import PATIENCE_SECONDS, Marketer, Recipient
from tests.stack import Stack

BODY = """<!doctype html><html><body><h1>News for {{Person.firstName|you}}</h1>
<p><a href="{code}">Try our demo</a></p>
<p><a href="{{optOutUrl}}">Unsubscribe from the mailing list.</a></p></body></html>"""


def mails(stack: Stack, recipient: str, expected: int) -> list:  # type: ignore[type-arg]
    """What the sandbox has for a recipient, once it is as many."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := stack.messages(recipient)) < expected and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(found) == expected
    return found


def tell(page: Page, browser: Browser, stack: Stack, name: str, entirely: bool) -> None:
    sign_in(page, stack)
    marketer = Marketer(page, stack)
    ines, karim = f"ines.{name.lower()}@example.com", f"karim.{name.lower()}@example.com"
    marketer.contact("Ines", name, ines)
    marketer.contact("Karim", name, karim.upper())
    marketer.target_list(f"List {name}", name, expected=2)
    campaign = marketer.campaign(f"Campaign {name}", f"List {name}")
    code = marketer.tracking_url(campaign, "Try our demo", f"{stack.url}/health.json?from=mail#top")
    marketer.template(f"Template {name}", "Hello {Person.firstName|there}", BODY.format(code=code))
    marketer.template(f"Plain {name}", "Again", "<p>Hello</p>")

    first = marketer.mass_email(campaign, f"First {name}", f"Template {name}", entirely)
    marketer.run_the_job()
    marketer.wait_until_complete(first)
    (mail,) = mails(stack, ines, 1)
    mails(stack, karim.upper().replace("EXAMPLE.COM", "example.com"), 1)
    assert mail["Subject"] == "Hello Ines"

    recipient = Recipient.of(browser, mail)
    assert recipient.click("Try our demo").url == f"{stack.url}/health.json?from=mail#top"
    done = recipient.unsubscribe("Unsubscribe from the mailing list.")
    expect(done.get_by_role("button", name="Subscribe again")).to_be_visible()

    stack.wait_for(lambda: len(marketer.log_of(campaign, "sent")) == 2)
    stack.wait_for(lambda: ines in "".join(marketer.log_of(campaign, "clicked")))
    stack.wait_for(lambda: ines in "".join(marketer.log_of(campaign, "opted-out")))

    second = marketer.mass_email(campaign, f"Second {name}", f"Template {name}", entirely)
    marketer.run_the_job()
    marketer.wait_until_complete(second)
    mails(stack, karim.upper().replace("EXAMPLE.COM", "example.com"), 2)
    assert len(stack.messages(ines)) == 1, "who opted out gets nothing"

    # Through another list: entirely means nothing at all, otherwise other lists are another matter.
    marketer.target_list(f"Other {name}", f"ines.{name.lower()}", expected=1)
    other = marketer.campaign(f"Other {name}", f"Other {name}")
    third = marketer.draft(other, f"Third {name}", f"Plain {name}", entirely)
    if entirely:
        marketer.go(f"/mass-emails/{third}/schedule/")
        expect(page.get_by_text("Nobody on the target lists can get this email")).to_be_visible()
        return
    marketer.schedule(third)
    marketer.run_the_job()
    marketer.wait_until_complete(third)
    mails(stack, ines, 2)


@pytest.mark.parametrize("entirely", [False, True], ids=["of the lists", "entirely"])
def test_the_main_job_on_the_default_set_up(page: Page, browser: Browser, stack: Stack, entirely: bool) -> None:
    tell(page, browser, stack, "Entirely" if entirely else "Partly", entirely)


def test_the_main_job_on_postgresql_and_redis_with_two_senders(
    page: Page, browser: Browser, stack_on_servers: Stack
) -> None:
    tell(page, browser, stack_on_servers, "Servers", entirely=False)
