"""The pages of Administration: what they save, what they refuse, what they show."""

import pytest
from django.test import Client

from crm.models import AuditEntry, JobRun, ScheduledJob, Settings

SETTINGS = {
    "site_url": "https://crm.acme.example.com",
    "company_name": "Acme",
    "language": "es",
    "time_zone": "Asia/Jakarta",
}
OUTBOUND = {
    "from_address": "news@acme.example.com", "from_name": "Acme", "postal_address": "1 Main St",
    "max_per_hour": "100", "max_per_batch": "50", "use_verp": "on",
}  # fmt: skip


def test_the_index_says_how_things_stand_and_can_be_searched(as_administrator: Client) -> None:
    Settings.objects.update(max_per_hour=1234, use_verp=True)
    page = as_administrator.get("/admin/").content.decode()
    assert "1,234 per hour · VERP on · open tracking off" in page
    assert "The sandbox takes all mail" in page
    found = as_administrator.get("/admin/?q=scheduled").content.decode()
    assert "Scheduled Jobs" in found and "Outbound Emails" not in found


def test_settings_are_saved_and_audited(as_administrator: Client) -> None:
    response = as_administrator.post("/admin/settings/", {**SETTINGS, "site_url": "https://CRM.acme.example.com/"})
    assert response.status_code == 302
    row = Settings.load()
    assert (row.site_url, row.language, row.time_zone) == ("https://crm.acme.example.com", "es", "Asia/Jakarta")
    entry = AuditEntry.objects.get(action="settings.changed")
    assert entry.changes["site_url"] == ["", "https://crm.acme.example.com"]


def test_saving_the_same_again_leaves_no_audit_row(as_administrator: Client) -> None:
    for _time in range(2):
        as_administrator.post("/admin/settings/", SETTINGS)
    assert AuditEntry.objects.filter(action="settings.changed").count() == 1


@pytest.mark.parametrize(
    "site_url",
    [
        "ftp://acme.example.com", "crm.acme.example.com", "javascript:alert(1)", "https://", "https://a.example.com/crm",
        "https://a.example.com/?x=1", "https://a.example.com/#x", "https://user:pw@a.example.com", "https://a:99999",
        "//a.example.com", "https://a b.example.com", "https://a.example.com\r\nX: y",
    ],
)  # fmt: skip
def test_a_site_url_that_links_could_not_begin_with_is_refused(as_administrator: Client, site_url: str) -> None:
    response = as_administrator.post("/admin/settings/", {**SETTINGS, "site_url": site_url})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["site_url"]
    assert Settings.load().site_url == ""


@pytest.mark.parametrize(
    "site_url", ["http://127.0.0.1:8000", "http://[::1]:8000", "https://crm.acme.example.com:8443", ""]
)
def test_a_fine_site_url_is_taken(as_administrator: Client, site_url: str) -> None:
    assert as_administrator.post("/admin/settings/", {**SETTINGS, "site_url": site_url}).status_code == 302
    assert Settings.load().site_url == site_url


def test_outbound_emails_has_exactly_the_five_parameters(as_administrator: Client) -> None:
    assert as_administrator.post("/admin/outbound-emails/", OUTBOUND).status_code == 302
    row = Settings.load()
    assert (row.max_per_hour, row.max_per_batch, row.use_verp) == (100, 50, True)
    assert (row.open_tracking, row.disable_opt_out_link, row.from_name) == (False, False, "Acme")
    page = as_administrator.get("/admin/outbound-emails/").content.decode()
    for label in (
        "Max number of emails sent per hour", "Max number of emails sent per batch", "Disable mandatory opt-out link",
        "Email Open Tracking", "Use VERP",
    ):  # fmt: skip
        assert label in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_per_hour", "0"), ("max_per_hour", "-5"), ("max_per_hour", "many"), ("max_per_batch", "0"),
        ("from_address", "news"), ("from_address", ""), ("from_name", "Acme\nBcc: x@example.com"),
    ],
)  # fmt: skip
def test_bad_outbound_values_are_refused_at_their_field(as_administrator: Client, field: str, value: str) -> None:
    before = Settings.objects.values().get()
    response = as_administrator.post("/admin/outbound-emails/", {**OUTBOUND, field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert Settings.objects.values().get() == before


def test_a_job_shows_its_next_runs_and_its_log(as_administrator: Client) -> None:
    job = ScheduledJob.objects.get(key="send_mass_emails")
    page = as_administrator.get(f"/admin/scheduled-jobs/{job.pk}/").content.decode()
    assert "Every 5 minutes" in page and "Nothing in the log" in page
    assert as_administrator.post(f"/admin/scheduled-jobs/{job.pk}/run/").status_code == 302
    run = JobRun.objects.get()
    page = as_administrator.get(f"/admin/scheduled-jobs/{job.pk}/").content.decode()
    assert run.by_hand and "by hand" in page and run.get_status_display() in page
    assert AuditEntry.objects.filter(action="job.run_now").exists()


def test_a_failed_run_shows_its_error_escaped(as_administrator: Client) -> None:
    job = ScheduledJob.objects.get(key="send_mass_emails")
    JobRun.objects.create(job=job, status="failed", started_at="2026-11-21T10:00Z", error="<script>x</script>")
    page = as_administrator.get(f"/admin/scheduled-jobs/{job.pk}/?status=failed").content.decode()
    assert "&lt;script&gt;x" in page and "<script>x" not in page


def test_a_schedule_is_checked_told_and_saved(as_administrator: Client) -> None:
    url = f"/admin/scheduled-jobs/{ScheduledJob.objects.get(key='send_mass_emails').pk}/edit/"
    assert "Every hour at minute 0" in as_administrator.get(url, {"scheduling": "0 * * * *"}).content.decode()
    assert "not a crontab expression" in as_administrator.get(url, {"scheduling": "0 0 31 4,6 *"}).content.decode()
    wrong = as_administrator.post(url, {"status": "active", "scheduling": "every day"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["scheduling"])
    assert as_administrator.post(url, {"status": "inactive", "scheduling": " 0  * * * * "}).status_code == 302
    job = ScheduledJob.objects.get(key="send_mass_emails")
    assert (job.status, job.scheduling) == ("inactive", "0 * * * *")


def test_the_audit_log_is_searched_paged_and_escaped(as_administrator: Client) -> None:
    AuditEntry.objects.create(
        user_name="ada", action="settings.changed", object_label="<b>x</b>", changes={"a": ["", 1]}
    )
    AuditEntry.objects.create(user_name="maya", action="mass_email.scheduled", object_label="Spring")
    page = as_administrator.get("/admin/audit-log/").content.decode()
    assert "&lt;b&gt;x" in page and "— → 1" in page and "Spring" in page
    found = as_administrator.get("/admin/audit-log/?q=spring").content.decode()
    assert "Spring" in found and "&lt;b&gt;x" not in found
    assert "mass_email.scheduled" not in found.split("<table")[1], "the action is told in words"
    assert as_administrator.get("/admin/audit-log/?page=99").status_code == 200
    assert as_administrator.post("/admin/audit-log/").status_code == 405
