"""Attachments of a template: the upload's limits, the files themselves, and what becomes of them with a mass email."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from campaigns.attachments import attach, detach, frozen_attachments
from campaigns.checks import Check, ready_checks
from campaigns.models import Attachment, EmailTemplate, FileContent, FrozenAttachment, FrozenMassEmail, MassEmail
from campaigns.sending.freeze import CannotStart, freeze
from campaigns.templates_store import duplicate_template, remove_template
from crm.models import AuditEntry, EmailAccount, User
from tests.factories import MassEmailFactory, TemplateFactory

PDF = b"%PDF-1.7 " + bytes(range(256)) * 40


@pytest.fixture
def template(db: None) -> EmailTemplate:
    return TemplateFactory.create()


def upload(client: Client, template: EmailTemplate, name: str = "plan.pdf", content: bytes = PDF, **more: str) -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/html")
    return client.post(f"/email-templates/{template.pk}/attachments/", {"file": file}, **more)  # type: ignore[arg-type]


def errors(response: Any) -> list[str]:
    return list(response.context["attachment_form"].errors["file"])


def test_a_file_is_attached_listed_and_read_again(as_marketer: Client, template: EmailTemplate) -> None:
    response = upload(as_marketer, template)
    assert response.status_code == 302
    (row,) = template.attachments.all()
    assert (row.name, row.mime_type, row.file.size) == ("plan.pdf", "application/pdf", len(PDF))
    page = as_marketer.get(template.get_absolute_url()).content.decode()
    assert "plan.pdf" in page and "Remove plan.pdf" in page
    got = as_marketer.get(f"/email-templates/{template.pk}/attachments/{row.pk}/")
    assert got.content == PDF
    assert AuditEntry.objects.get(action="template.attached").changes["file"] == "plan.pdf"


def test_a_download_can_run_nowhere(as_viewer: Client, marketer: User, template: EmailTemplate) -> None:
    row = attach(template, marketer, 'отчёт "1".txt', "text/plain", b"<script>alert(1)</script>")
    got = as_viewer.get(f"/email-templates/{template.pk}/attachments/{row.pk}/")
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%BE")
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got["Content-Security-Policy"] and "default-src 'none'" in got["Content-Security-Policy"]


def test_htmx_gets_the_section_alone_and_errors_in_it(as_marketer: Client, template: EmailTemplate) -> None:
    good = upload(as_marketer, template, HTTP_HX_REQUEST="true")
    bad = upload(as_marketer, template, "x.exe", HTTP_HX_REQUEST="true")
    for response, told in ((good, "plan.pdf"), (bad, ".exe are refused")):
        page = response.content.decode()
        assert told in page and "<html" not in page and response.status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.pdf", b"", "empty"),
        ("run.exe", b"x", ".exe"),
        ("run.EXE", b"x", ".exe"),
        ("report.pdf.scr", b"x", ".scr"),
        ("run.exe. ", b"x", ".exe"),
        ("page.html", b"x", ".html"),
        ("logo.svg", b"<svg/>", ".svg"),
        ("notes.txt", b"MZ\x90\x00", "program"),
        ("notes.txt", b"\x7fELF\x02", "program"),
        ("tool", b"#!/bin/sh\nrm -r /", "program"),
        ("report_fdp.\u202eexe", b"x", ".exe"),
        ("run.ex\u200be", b"x", ".exe"),
        ("x" * 220 + ".pdf", b"x", "too long"),
        ("big.pdf", b"x" * 5001, "too large"),
    ],
)
@override_settings(HERALD_ATTACHMENT_LIMIT=5000)
def test_what_is_refused_is_said_at_the_field(
    as_marketer: Client, template: EmailTemplate, name: str, content: bytes, told: str
) -> None:
    response = upload(as_marketer, template, name, content)
    assert response.status_code == 422
    assert told in errors(response)[0]
    assert not Attachment.objects.exists() and not FileContent.objects.exists()


def test_no_file_at_all(as_marketer: Client, template: EmailTemplate) -> None:
    response = as_marketer.post(f"/email-templates/{template.pk}/attachments/", {})
    assert response.status_code == 422 and "Choose a file" in response.content.decode()


def test_a_hostile_name_is_escaped_and_loses_its_folders(as_marketer: Client, template: EmailTemplate) -> None:
    upload(as_marketer, template, "../../etc/<img src=x\u202e onerror\x01=alert(1)>.pdf")
    assert template.attachments.get().name == "<img src=x onerror=alert(1)>.pdf"
    page = as_marketer.get(template.get_absolute_url()).content.decode()
    assert "<img src=x" not in page and "&lt;img src=x" in page


@override_settings(HERALD_ATTACHMENT_LIMIT=5000, HERALD_ATTACHMENT_COUNT=2)
def test_limits_hold_for_all_together(as_marketer: Client, template: EmailTemplate) -> None:
    upload(as_marketer, template, "a.txt", b"a" * 3000)
    assert "together" in errors(upload(as_marketer, template, "b.txt", b"b" * 2001))[0]
    upload(as_marketer, template, "b.txt", b"b" * 2000)
    with override_settings(HERALD_ATTACHMENT_LIMIT=9000):
        assert "at most" in errors(upload(as_marketer, template, "c.txt", b"c"))[0]
    assert template.attachments.count() == 2


def test_removing_a_file(as_marketer: Client, template: EmailTemplate) -> None:
    upload(as_marketer, template)
    row = template.attachments.get()
    other = TemplateFactory.create()
    path = f"/email-templates/{{}}/attachments/{row.pk}/"
    assert as_marketer.get(path.format(other.pk)).status_code == 404
    assert as_marketer.post(path.format(other.pk) + "remove/").status_code == 404
    assert as_marketer.post(path.format(template.pk) + "remove/").status_code == 302
    assert not Attachment.objects.exists() and not FileContent.objects.exists()


def test_others_may_not(as_viewer: Client, marketer: User, template: EmailTemplate) -> None:
    row = attach(template, marketer, "a.txt", "text/plain", b"a")
    assert upload(as_viewer, template).status_code == 403
    assert as_viewer.get(f"/email-templates/{template.pk}/attachments/").status_code == 403
    assert as_viewer.post(f"/email-templates/{template.pk}/attachments/{row.pk}/remove/").status_code == 403
    assert Client().get(f"/email-templates/{template.pk}/attachments/{row.pk}/").status_code == 302
    assert template.attachments.count() == 1


def test_the_same_file_is_stored_once_and_goes_with_its_last_use(marketer: User, template: EmailTemplate) -> None:
    first = attach(template, marketer, "a.txt", "text/plain", b"same")
    copy = duplicate_template(template, marketer)
    assert [one.name for one in copy.attachments.all()] == ["a.txt"]
    assert FileContent.objects.count() == 1
    detach(first, marketer)
    assert FileContent.objects.count() == 1
    remove_template(copy, marketer)
    assert FileContent.objects.count() == 0


def mass_email_with(template: EmailTemplate, account: EmailAccount) -> MassEmail:
    return MassEmailFactory.create(template=template, account=account)


@pytest.fixture
def account(db: None) -> EmailAccount:
    return EmailAccount.objects.get(is_sandbox=True)


def test_what_is_frozen_changes_no_more(marketer: User, template: EmailTemplate, account: EmailAccount) -> None:
    row = attach(template, marketer, "a.txt", "text/plain", b"old")
    mass_email = mass_email_with(template, account)
    freeze(mass_email)
    frozen = freeze(mass_email)  # a test send before the start freezes too
    detach(row, marketer)
    attach(template, marketer, "b.txt", "text/plain", b"new")
    (part,) = frozen_attachments(FrozenMassEmail.objects.get(pk=frozen.pk))
    assert (part.name, part.content, part.mime_type) == ("a.txt", b"old", "text/plain")
    remove_template(template, marketer)
    assert frozen_attachments(frozen) == (part,)
    assert FrozenAttachment.objects.count() == 1


def about_attachments(mass_email: MassEmail) -> Check:
    (check,) = [one for one in ready_checks(mass_email) if "attachment" in one.sentence.lower()]
    return check


def test_the_ready_check_knows_what_the_server_takes(
    marketer: User, template: EmailTemplate, account: EmailAccount
) -> None:
    mass_email = mass_email_with(template, account)
    assert not [one for one in ready_checks(mass_email) if "attachment" in one.sentence.lower()]
    attach(template, marketer, "a.bin", "application/octet-stream", b"x" * 100_000)
    assert about_attachments(mass_email).state == "ok"
    EmailAccount.objects.filter(pk=account.pk).update(server_size=120_000)
    mass_email.account.refresh_from_db()
    assert about_attachments(mass_email).state == "error"
    with pytest.raises(CannotStart, match="too large"):
        freeze(mass_email)


def test_large_attachments_are_warned_of(marketer: User, template: EmailTemplate, account: EmailAccount) -> None:
    attach(template, marketer, "a.bin", "application/octet-stream", b"x" * 1_100_000)
    assert about_attachments(mass_email_with(template, account)).state == "warning"
