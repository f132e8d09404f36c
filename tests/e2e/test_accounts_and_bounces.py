"""In the browser: an account that sends through a provider, its connection tested live, and a bounce taken back."""

import re

from playwright.sync_api import Page, expect

from tests.provider_server import Answer, ProviderServer
from tests.stack import Stack

BOUNCED = """
from campaigns.bounces.act import Origin, act
from campaigns.bounces.proving import Proven
from campaigns.bounces.verdicts import Kind, Reason, Refusal
from campaigns.models import BounceSource, MassEmail, Proof, QueueItem, QueueStatus
from crm.models import EmailAddress
address = EmailAddress.objects.for_text("taken.back@example.com")
mass_email = MassEmail.objects.earliest("pk")
item = QueueItem.objects.create(
    mass_email_id=mass_email.pk, email_address_id=address.pk, status=QueueStatus.SENT, attempts=1
)
told = Refusal(address.address, Kind.HARD, Reason.USER_UNKNOWN, "5.1.1", "550 5.1.1 User unknown", "test")
report = act(Origin(BounceSource.MAILBOX, "e2e:taken-back"), told, Proven(item, Proof.VERP))
print("BOUNCE", report.pk)
"""


def test_the_form_shows_what_the_kind_needs_and_tests_the_key_live(signed_in: Page, stack: Stack) -> None:
    with ProviderServer("postmark") as server:
        signed_in.goto(f"{stack.url}/admin/email-accounts/new/")
        expect(signed_in.locator("[name=smtp_host]")).to_be_visible()
        expect(signed_in.locator("[name=api_key]")).to_be_hidden()
        signed_in.select_option("[name=kind]", "api")
        expect(signed_in.locator("[name=smtp_host]")).to_be_hidden()
        signed_in.fill("[name=name]", "Postmark")
        signed_in.fill("[name=email_address]", "news@acme.example.com")
        signed_in.select_option("[name=provider]", "postmark")
        signed_in.fill("[name=api_key]", "key-canary")
        signed_in.fill("[name=api_url]", server.url)
        signed_in.click("[data-save]")
        signed_in.wait_for_url(re.compile(r"/admin/email-accounts/\d+/"))
        signed_in.get_by_role("button", name="Test Connection").click()
        expect(signed_in.locator("#finding")).to_contain_text("Postmark knows this key.")
        server.on(Answer(401, {"ErrorCode": 10, "Message": "Bad token"}))
        signed_in.get_by_role("button", name="Test Connection").click()
        expect(signed_in.locator("#finding")).to_contain_text("Bad token")
        assert "key-canary" not in signed_in.content()


def test_a_bounce_shows_its_evidence_and_is_taken_back(signed_in: Page, stack: Stack) -> None:
    number = stack.shell(BOUNCED).rpartition("BOUNCE ")[2].strip()
    signed_in.goto(f"{stack.url}/bounces/{number}/")
    expect(signed_in.locator("main")).to_contain_text("550 5.1.1 User unknown")
    signed_in.get_by_role("button", name="Revert").click()
    expect(signed_in.locator("body")).to_contain_text("may be mailed again")
    expect(signed_in.get_by_role("button", name="Revert")).to_have_count(0)
