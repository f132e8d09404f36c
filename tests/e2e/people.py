"""The two people of the story: a marketer at the pages, and a recipient at the mail."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.stack import Stack

# Headless browsers are known machines; a recipient is none.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PATIENCE_SECONDS = 180.0


@dataclass
class Marketer:
    """Works through the pages only, by the labels that are on them."""

    page: Page
    stack: Stack

    def go(self, path: str) -> None:
        self.page.goto(f"{self.stack.url}{path}")

    def save(self) -> None:
        """Press the primary button of the page's form: by a key, which hits it also while an answer moves the page."""
        before = self.page.url
        self.page.locator("main form .btn.primary").first.press("Enter")
        self.page.wait_for_url(lambda url: url != before)

    def id_in_url(self) -> int:
        found = re.search(r"/(\d+)/", self.page.url)
        assert found, self.page.url
        return int(found[1])

    def contact(self, first: str, last: str, email: str) -> None:
        self.go("/contacts/new/")
        self.page.fill("input[name=first_name]", first)
        self.page.fill("input[name=last_name]", last)
        self.page.fill("input[name=email]", email)
        self.save()

    def target_list(self, name: str, people: str, expected: int) -> int:
        """A list with everybody whom the search for `people` finds, by *Select all results*."""
        self.go("/target-lists/new/")
        self.page.fill("input[name=name]", name)
        self.save()
        number = self.id_in_url()
        self.go(f"/target-lists/{number}/contacts/select/?q={people}")
        self.page.get_by_label(re.compile("select all", re.I)).first.check()
        with self.page.expect_navigation():  # going on sooner would take it back
            self.page.get_by_role("button", name=re.compile("Add")).first.click()
        self.go(f"/target-lists/{number}/")
        expect(self.page.locator("main tbody tr")).to_have_count(expected)
        return number

    def template(self, name: str, subject: str, body: str) -> None:
        self.go("/email-templates/new/?starter=")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=subject]", subject)
        self.page.locator("#id_body:visible, .cm-content").fill(body)
        self.save()

    def campaign(self, name: str, target_list: str) -> int:
        self.go("/campaigns/new/")
        self.page.fill("input[name=name]", name)
        self.page.select_option("#id_target_lists_add", label=target_list)
        self.page.select_option("select[name=status]", label="Active")
        self.save()
        return self.id_in_url()

    def tracking_url(self, campaign: int, name: str, url: str) -> str:
        """The code to insert, as the campaign's panel shows it."""
        self.go(f"/campaigns/{campaign}/tracking-urls/new/")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=url]", url)
        self.save()
        self.go(f"/campaigns/{campaign}/")
        code = self.page.get_by_text(re.compile(r"\{trackingUrl:\w{17}\}")).first.text_content()
        assert code
        return code.strip()

    def mass_email(self, campaign: int, name: str, template: str, entirely: bool) -> int:
        """Write a mass email and schedule it for now."""
        number = self.draft(campaign, name, template, entirely)
        self.schedule(number)
        return number

    def draft(self, campaign: int, name: str, template: str, entirely: bool) -> int:
        self.go(f"/campaigns/{campaign}/mass-emails/new/")
        self.page.fill("input[name=name]", name)
        self.page.select_option("select[name=template]", label=template)
        # Now, to the minute: Send now would wait for the time in which it can be undone.
        self.page.fill("input[name=start_at]", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M"))
        self.page.locator("input[name=opt_out_entirely]").set_checked(entirely, force=True)
        self.page.get_by_role("button", name=re.compile("^Save")).first.click()
        self.page.wait_for_url(re.compile(r"/mass-emails/\d+/"))
        expect(self.page.locator("[data-toasts=status]")).to_contain_text("Saved")
        return self.id_in_url()

    def schedule(self, number: int) -> None:
        self.go(f"/mass-emails/{number}/schedule/")
        if (accept := self.page.locator("input[name=accept]")).count():
            accept.check(force=True)
        self.page.get_by_role("button", name=re.compile("^Schedule for")).click()
        self.page.wait_for_url(re.compile(rf"/mass-emails/{number}/$"))
        expect(self.status()).to_contain_text("Pending")

    def status(self) -> Locator:
        return self.page.locator("main .page-head .pill").first

    def run_the_job(self) -> None:
        """Administration → Scheduled Jobs → Send Mass Emails → Run now."""
        self.go("/admin/scheduled-jobs/")
        self.page.get_by_role("link", name="Send Mass Emails").first.click()
        self.page.wait_for_url(re.compile(r"/admin/scheduled-jobs/\d+/$"))
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Run now").first.click()
        expect(self.page.get_by_text("Success").first).to_be_visible()

    def wait_until_complete(self, number: int) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.go(f"/mass-emails/{number}/")
            if "Complete" in (self.status().text_content() or ""):
                return
            assert time.monotonic() < deadline, self.page.locator("main").inner_text() + "\n".join(self.stack.log[-40:])
            time.sleep(0.5)

    def log_of(self, campaign: int, action: str) -> list[str]:
        """The rows of the campaign's log with one action."""
        self.go(f"/campaigns/{campaign}/log/?action={action}")
        return self.page.locator("main tbody tr").all_inner_texts()


@dataclass
class Recipient:
    """Reads one mail and uses its links, in a browser that never signed in."""

    mail: EmailMessage
    context: BrowserContext

    @classmethod
    def of(cls, browser: Browser, mail: EmailMessage) -> "Recipient":
        return cls(mail, browser.new_context(user_agent=BROWSER, locale="en-GB"))

    def link(self, text: str) -> str:
        """The address behind a link of the HTML part."""
        body = self.mail.get_body(("html",))
        assert body is not None
        found = re.search(rf'href="([^"]+)"[^>]*>\s*{re.escape(text)}', body.get_content())
        assert found, body.get_content()
        return found[1].replace("&amp;", "&")

    def click(self, text: str) -> Page:
        page = self.context.new_page()
        page.goto(self.link(text))
        return page

    def unsubscribe(self, text: str) -> Page:
        """Open the link, and move the pointer as a person does: nothing else is needed."""
        page = self.click(text)
        page.mouse.move(40, 40)
        page.mouse.move(80, 90)
        expect(page.get_by_text("unsubscribed").first).to_be_visible()
        return page
