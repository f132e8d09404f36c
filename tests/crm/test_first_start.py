"""The first administrator and the password that is shown until it is changed."""

import stat
from pathlib import Path

import pytest

from crm.first_start import create_first_administrator, first_password, same_password
from crm.models import Role, User

pytestmark = pytest.mark.django_db


def test_an_empty_database_gets_an_administrator_whose_password_only_the_owner_can_read(tmp_path: Path) -> None:
    administrator = create_first_administrator(demo=False)
    assert administrator is not None
    assert (administrator.username, administrator.role) == ("admin", Role.ADMINISTRATOR)
    assert administrator.check_password(first_password())
    assert stat.S_IMODE((tmp_path / "first-login").stat().st_mode) == 0o600
    assert User.objects.count() == 1


def test_a_database_with_users_gets_nobody() -> None:
    assert create_first_administrator(demo=False)
    assert create_first_administrator(demo=True) is None
    assert User.objects.count() == 1


def test_the_demo_s_marketer_and_viewer_share_the_first_password() -> None:
    create_first_administrator(demo=True)
    assert same_password() == ["marketer", "viewer"]
    assert User.objects.get(username="viewer").check_password(first_password())


def test_a_changed_password_is_not_shown_and_the_note_goes(tmp_path: Path) -> None:
    administrator = create_first_administrator(demo=False)
    assert administrator is not None
    administrator.set_password("another one entirely")
    administrator.save(update_fields=["password"])
    assert first_password() == ""
    assert not (tmp_path / "first-login").exists()


def test_a_password_from_the_environment_is_kept_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HERALD_ADMIN_PASSWORD", "from the environment")
    administrator = create_first_administrator(demo=False)
    assert administrator is not None
    assert administrator.check_password("from the environment")
    assert first_password() == ""
    assert not (tmp_path / "first-login").exists()
