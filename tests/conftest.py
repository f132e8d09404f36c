"""The small named world of the tests: an administrator, a marketer and a viewer, each with a signed-in client."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from crm.models import Role, User
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    """Journals and sandbox mail of a test stay in its own folder; hashing is fast; static files are not collected."""
    settings.HERALD_DATA_DIR = tmp_path
    settings.HERALD_JOURNAL_DIR = tmp_path / "journal"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_ENABLED = False


@pytest.fixture
def administrator(db: None) -> User:
    return UserFactory.create(username="ada", role=Role.ADMINISTRATOR)


@pytest.fixture
def marketer(db: None) -> User:
    return UserFactory.create(username="maya", role=Role.MARKETER)


@pytest.fixture
def viewer(db: None) -> User:
    return UserFactory.create(username="victor", role=Role.VIEWER)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def as_administrator(administrator: User) -> Client:
    return _signed_in(administrator)


@pytest.fixture
def as_marketer(marketer: User) -> Client:
    return _signed_in(marketer)


@pytest.fixture
def as_viewer(viewer: User) -> Client:
    return _signed_in(viewer)
