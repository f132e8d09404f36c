"""The pages of users."""

from django.test import Client

from crm.models import Role, User
from tests.crm.test_administration_users import STRONG
from tests.factories import UserFactory

NORA = {
    "username": "nora", "email": "nora@staff.example.com", "first_name": "Nora", "last_name": "Lund",
    "role": "marketer", "is_active": "on",
}  # fmt: skip


def test_a_user_is_created_and_signs_in(as_administrator: Client) -> None:
    body = {**NORA, "password": STRONG, "repeated": STRONG, "is_superuser": "on", "is_staff": "on"}
    assert as_administrator.post("/admin/users/new/", body).status_code == 302
    nora = User.objects.get(username="nora")
    assert (nora.role, nora.is_superuser, nora.is_staff, nora.check_password(STRONG)) == (
        "marketer",
        False,
        False,
        True,
    )
    stranger = Client()
    stranger.post("/login/", {"username": "nora", "password": STRONG})
    assert stranger.get("/").status_code == 200


def test_a_weak_password_or_a_taken_name_creates_nobody(as_administrator: Client, viewer: User) -> None:
    number = User.objects.count()
    weak = as_administrator.post("/admin/users/new/", {**NORA, "password": "password1234", "repeated": "password1234"})
    taken = as_administrator.post(
        "/admin/users/new/", {**NORA, "username": viewer.username, "password": STRONG, "repeated": STRONG}
    )
    assert (weak.status_code, taken.status_code) == (422, 422)
    assert "password1234" not in weak.content.decode()
    assert User.objects.count() == number


def test_a_new_role_signs_the_person_out(as_administrator: Client, as_marketer: Client, marketer: User) -> None:
    assert as_marketer.get("/").status_code == 200
    body = {**NORA, "username": marketer.username, "email": marketer.email, "role": "viewer"}
    assert "<h1>Edit Maya" in as_administrator.get(f"/admin/users/{marketer.pk}/").content.decode()
    assert as_administrator.post(f"/admin/users/{marketer.pk}/", body).status_code == 302
    assert as_marketer.get("/").status_code == 302


def test_deactivation_signs_the_person_out(as_administrator: Client, as_viewer: Client, viewer: User) -> None:
    body = {**NORA, "username": viewer.username, "email": viewer.email, "role": "viewer"}
    del body["is_active"]
    as_administrator.post(f"/admin/users/{viewer.pk}/", body)
    assert as_viewer.get("/").status_code == 302


def test_the_last_administrator_is_told_why_not(as_administrator: Client, administrator: User) -> None:
    body = {**NORA, "username": "ada", "email": administrator.email, "role": "viewer"}
    response = as_administrator.post(f"/admin/users/{administrator.pk}/", body)
    assert response.status_code == 422
    assert "This is the last administrator." in response.content.decode()
    assert User.objects.get(pk=administrator.pk).role == Role.ADMINISTRATOR


def test_who_gives_up_the_role_lands_on_home(as_administrator: Client, administrator: User) -> None:
    UserFactory.create(role=Role.ADMINISTRATOR)
    body = {**NORA, "username": "ada", "email": administrator.email, "role": "marketer"}
    response = as_administrator.post(f"/admin/users/{administrator.pk}/", body)
    assert response["Location"] == "/"
    assert as_administrator.get("/admin/").status_code == 403


def test_ones_own_password_keeps_this_session_only(as_administrator: Client, administrator: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    body = {"password": STRONG, "repeated": STRONG}
    assert as_administrator.post(f"/admin/users/{administrator.pk}/password/", body).status_code == 302
    assert as_administrator.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_users_are_searched_and_filtered(as_administrator: Client, viewer: User, marketer: User) -> None:
    page = as_administrator.get("/admin/users/?q=vic").content.decode()
    assert "victor" in page and "maya" not in page
    page = as_administrator.get("/admin/users/?role=marketer").content.decode()
    assert "maya" in page and "victor" not in page
