"""What an empty Herald gets at its first start: an administrator with a password of its own, and demo data."""

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from crm.demo import create_demo
from crm.models import Role, User

FIRST_LOGIN, FIRST_ADDRESS = "admin", "admin@staff.example.com"


def _note() -> Path:
    """Where the first password is kept, for its owner's eyes only, until it is changed."""
    return Path(settings.HERALD_DATA_DIR) / "first-login"


def create_first_administrator(*, demo: bool) -> User | None:
    """The administrator of a database without users, else None; `demo` adds people, lists and a campaign to look at.

    The password is HERALD_ADMIN_PASSWORD, else one made here and kept in the data folder until it is changed.
    """
    if User.objects.exists():
        return None
    given = os.environ.get("HERALD_ADMIN_PASSWORD", "")
    password = given or secrets.token_urlsafe(9)
    with transaction.atomic():
        administrator = User.objects.create_user(
            FIRST_LOGIN, FIRST_ADDRESS, password, role=Role.ADMINISTRATOR, first_name="Ada", last_name="Nowak"
        )
        if demo:
            create_demo(administrator)
    if not given:
        _keep(password)
    return administrator


def _keep(password: str) -> None:
    note = _note()
    note.touch(mode=0o600)
    note.chmod(0o600)
    note.write_text(password + "\n")


def same_password() -> list[str]:
    """The logins of the demo that still share the first administrator's password."""
    administrator = User.objects.get(username=FIRST_LOGIN)
    others = User.objects.filter(password=administrator.password, is_active=True).exclude(pk=administrator.pk)
    return list(others.order_by("pk").values_list("username", flat=True))


def first_password() -> str:
    """The password made at the first start while it still signs the first administrator in, else an empty text."""
    note = _note()
    if not note.exists():
        return ""
    password = note.read_text().strip()
    user = User.objects.filter(username=FIRST_LOGIN).first()
    if user is None or not user.check_password(password):
        note.unlink()
        return ""
    return password
