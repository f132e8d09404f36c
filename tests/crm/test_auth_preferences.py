"""What people set for themselves: theme, language, time zone, password."""

import pytest
from django.test import Client

from crm.models import AuditEntry, User

pytestmark = pytest.mark.django_db
OLD, NEW = "correct horse battery", "another long password"


def test_the_theme_is_in_the_page_that_the_server_sends(as_viewer: Client) -> None:
    assert 'data-theme="auto"' in as_viewer.get("/").content.decode()
    answer = as_viewer.post("/profile/theme/", {"theme": "dark", "next": "/contacts/?q=a"})
    assert answer["Location"] == "/contacts/?q=a"
    assert answer.cookies["theme"]["httponly"]
    assert 'data-theme="dark"' in as_viewer.get("/").content.decode()


@pytest.mark.parametrize("data", [{"theme": '"><script>'}, {}, {"theme": "light", "next": "//evil.example"}])
def test_bad_themes_and_ways_back_are_ignored(as_viewer: Client, data: dict[str, str]) -> None:
    assert as_viewer.post("/profile/theme/", data)["Location"] == "/"
    as_viewer.cookies["theme"] = "<script>"
    assert 'data-theme="auto"' in as_viewer.get("/").content.decode()


def test_the_language_is_kept_with_the_user(as_viewer: Client, viewer: User) -> None:
    as_viewer.post("/profile/language/", {"language": "id"})
    viewer.refresh_from_db()
    assert viewer.language == "id"
    assert '<html lang="id"' in as_viewer.get("/", headers={"Accept-Language": "fr"}).content.decode()
    as_viewer.post("/profile/language/", {"language": "xx"})
    viewer.refresh_from_db()
    assert viewer.language == "id"


@pytest.mark.parametrize("url", ["/profile/theme/", "/profile/language/", "/profile/password/"])
def test_settings_change_by_post_only(as_viewer: Client, url: str) -> None:
    assert as_viewer.get(url).status_code == 405


def test_a_profile_is_saved_for_the_login_and_its_record(as_viewer: Client, viewer: User) -> None:
    data = {
        "first_name": "Vic",
        "last_name": "Tor",
        "language": "",
        "time_zone": "Europe/Madrid",
        "role": "administrator",
    }
    assert as_viewer.post("/profile/", data)["Location"] == "/profile/"
    viewer.refresh_from_db()
    assert (viewer.first_name, viewer.time_zone, viewer.role) == ("Vic", "Europe/Madrid", "viewer")
    assert viewer.record.name == "Vic Tor"
    assert AuditEntry.objects.get(action="user.profile_changed").changes["time_zone"] == ["", "Europe/Madrid"]


@pytest.mark.parametrize("data", [{"time_zone": "Mars/Base"}, {"language": "xx"}, {"first_name": "a\r\nBcc: x"}])
def test_a_bad_profile_is_told(as_viewer: Client, data: dict[str, str]) -> None:
    assert as_viewer.post("/profile/", data).status_code == 422


def test_a_new_password_needs_the_old_one_and_keeps_the_session(as_viewer: Client, viewer: User) -> None:
    data = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert as_viewer.post("/profile/password/", {**data, "old_password": "wrong"}).status_code == 422
    assert as_viewer.post("/profile/password/", {**data, "new_password2": "different password"}).status_code == 422
    assert (
        as_viewer.post("/profile/password/", {**data, "new_password1": "short", "new_password2": "short"}).status_code
        == 422
    )
    assert as_viewer.post("/profile/password/", data)["Location"] == "/profile/"
    viewer.refresh_from_db()
    assert viewer.check_password(NEW)
    assert as_viewer.get("/profile/").status_code == 200
    assert AuditEntry.objects.filter(action="user.password_changed").count() == 1
