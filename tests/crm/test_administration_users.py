"""Users: created with a strong password, never without an administrator, and signed out when their rights change."""

import pytest
from django.test import Client

from crm.forms.administration_users import PasswordForm, UserForm
from crm.models import AuditEntry, Record, Role, User
from crm.users import LastAdministrator, change_user, create_user, end_sessions, set_password
from tests.factories import UserFactory

STRONG = "sea-otter-lighthouse-42"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def session_lives(client: Client) -> bool:
    return bool(client.session.get("_auth_user_id"))


def password_problems(password: str, repeated: str | None = None, **user: str) -> list[str]:
    form = PasswordForm(
        {"password": password, "repeated": password if repeated is None else repeated}, user=User(**user)
    )
    return list(form.errors)


def test_a_new_user_can_sign_in_and_has_a_record(administrator: User) -> None:
    user = User(username="nora", email="nora@staff.example.com", first_name="Nora", last_name="Lund", role=Role.VIEWER)
    create_user(user, STRONG, administrator)
    assert Client().login(username="nora", password=STRONG) or user.check_password(STRONG)
    assert Record.objects.get(login=user).name == "Nora Lund"
    entry = AuditEntry.objects.get(action="user.created")
    assert (entry.user, entry.object_label, entry.changes["role"]) == (administrator, "nora", "viewer")
    assert STRONG not in str(entry.changes)


@pytest.mark.parametrize("weak", ["short", "elevenchars", "password1234", "norawashere!"])
def test_weak_passwords_are_refused(db: None, weak: str) -> None:
    assert password_problems(weak, username="norawashere") == ["password"]


@pytest.mark.parametrize("strong", [STRONG, "x" * 3 + " y z Ж 漢 quite long", "a1" * 64])
def test_long_passwords_of_any_characters_are_fine(db: None, strong: str) -> None:
    assert password_problems(strong) == []


def test_the_repetition_must_agree(db: None) -> None:
    assert password_problems(STRONG, STRONG + "x") == ["repeated"]


def test_an_address_that_cannot_be_mailed_is_refused_at_its_field(db: None) -> None:
    form = UserForm({"username": "nora", "email": "nora@", "role": "viewer", "is_active": "on"})
    assert list(form.errors) == ["email"]


def test_the_form_takes_no_other_fields(db: None) -> None:
    data = {"username": "nora", "email": "n@example.com", "role": "viewer", "is_superuser": "on", "password": "x"}
    form = UserForm(data)
    assert form.is_valid()
    assert (form.instance.is_superuser, form.instance.password) == (False, "")


@pytest.mark.parametrize(("field", "value"), [("role", Role.VIEWER), ("is_active", False)])
def test_the_last_administrator_stays(administrator: User, field: str, value: object) -> None:
    setattr(administrator, field, value)
    with pytest.raises(LastAdministrator):
        change_user(administrator, administrator)
    administrator.refresh_from_db()
    assert administrator.is_administrator
    assert not AuditEntry.objects.exists()


def test_an_inactive_administrator_is_no_other_administrator(administrator: User) -> None:
    UserFactory.create(role=Role.ADMINISTRATOR, is_active=False)
    administrator.role = Role.MARKETER
    with pytest.raises(LastAdministrator):
        change_user(administrator, administrator)


def test_with_a_second_administrator_the_first_may_go(administrator: User) -> None:
    UserFactory.create(role=Role.ADMINISTRATOR)
    administrator.role = Role.MARKETER
    change_user(administrator, administrator)
    assert AuditEntry.objects.get(action="user.changed").changes == {"role": ["administrator", "marketer"]}


@pytest.mark.parametrize(("field", "value"), [("role", Role.VIEWER), ("is_active", False)])
def test_changed_rights_end_all_sessions_of_that_person_only(
    administrator: User, marketer: User, field: str, value: object
) -> None:
    desk, phone, other = signed_in(marketer), signed_in(marketer), signed_in(administrator)
    setattr(marketer, field, value)
    change_user(marketer, administrator)
    assert [session_lives(client) for client in (desk, phone, other)] == [False, False, True]


def test_a_changed_name_leaves_sessions_alone(administrator: User, marketer: User) -> None:
    desk = signed_in(marketer)
    marketer.first_name = "Mia"
    change_user(marketer, administrator)
    assert session_lives(desk)
    assert Record.objects.get(login=marketer).first_name == "Mia"


def test_a_new_password_ends_the_sessions_but_the_one_that_sets_it(administrator: User) -> None:
    here, elsewhere = signed_in(administrator), signed_in(administrator)
    set_password(administrator, STRONG, administrator, here.session.session_key)
    assert [session_lives(here), session_lives(elsewhere)] == [True, False]
    assert AuditEntry.objects.get().action == "user.password_set"
    assert AuditEntry.objects.get().changes == {}


def test_ending_sessions_counts_them(marketer: User) -> None:
    signed_in(marketer), signed_in(marketer)
    assert (end_sessions(marketer), end_sessions(marketer)) == (2, 0)
