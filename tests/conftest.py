"""The small named world of the tests: an administrator, a marketer and a viewer, each with a signed-in client."""

import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings
from pytest_django.plugin import blocking_manager_key

from crm.catalogs import compile_catalogs
from crm.models import Role, User
from tests.examples import IS_FAST, ONLY_DATABASE
from tests.factories import UserFactory

# No example fails because the machine is busy.
hypothesis.settings.register_profile("all", deadline=None)
hypothesis.settings.register_profile("fast", deadline=None, max_examples=25)
hypothesis.settings.load_profile("fast" if IS_FAST else "all")

# With one of these a test may use the database; without, it is the same test on any.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if ONLY_DATABASE:
        apart = [item for item in items if not _may_use_the_database(item)]
        config.hook.pytest_deselected(items=apart)
        items[:] = [item for item in items if _may_use_the_database(item)]


def _may_use_the_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end: the garbage collector need not look at them again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """A test that commits leaves empty tables behind: the seeds of the migrations come back for whoever is next."""
    done = yield
    marker = item.get_closest_marker("django_db")
    # Behind the last test there is no database any more.
    if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):
        with item.config.stash[blocking_manager_key].unblock():
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)  # type: ignore[attr-defined]
    return done


@pytest.fixture(scope="session", autouse=True)
def _catalogs() -> None:
    """Before any test asks for a language: what gettext has not found once it never looks for again."""
    compile_catalogs()


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    """Journals and sandbox mail of a test stay in its own folder; hashing is fast; providers are on this machine."""
    settings.HERALD_ALLOW_PRIVATE_ADDRESSES = True
    settings.HERALD_DATA_DIR = tmp_path
    settings.HERALD_JOURNAL_DIR = tmp_path / "journal"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_ENABLED = False


@pytest.fixture(autouse=True)
def _own_language(settings: Settings) -> Iterator[None]:
    """A request leaves its language behind in the thread, where the next request sets its own; a test does not."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


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
