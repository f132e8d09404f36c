"""The open pixel (T11, T12, T16)."""

from django.db import connection
from django.test import Client

from campaigns.models import Action, MassEmail, QueueItem
from campaigns.views.public.following import PIXEL
from tests.campaigns.tracking.conftest import Mail, logged


def test_the_pixel_is_one_transparent_pixel() -> None:
    assert PIXEL[:6] == b"GIF89a"
    assert PIXEL[6:10] == b"\x01\x00\x01\x00"
    assert PIXEL[-1:] == b";"
    assert len(PIXEL) == 43


def test_an_open_is_counted_once(visitor: Client, mail: Mail) -> None:
    for _ in range(3):
        visitor.get(mail.open_url)
    assert logged(mail) == [(Action.OPENED, False)]
    assert MassEmail.objects.get(pk=mail.mass_email.pk).opened_count == 1


def test_known_and_unknown_tokens_get_the_same_answer(visitor: Client, mail: Mail) -> None:
    known = visitor.get(mail.open_url)
    gone_url = mail.open_url
    answers = [visitor.get(url) for url in ("/o/x.gif", f"/o/{'A' * 28}.gif", f"/o/{'ü' * 500}.gif")]
    QueueItem.objects.all().delete()
    answers.append(visitor.get(gone_url))
    for answer in answers:
        assert answer.status_code == 200
        assert answer.content == known.content == PIXEL
        assert dict(answer.headers) == dict(known.headers)
    assert known["Content-Type"] == "image/gif"
    assert known["Content-Length"] == "43"
    assert known["Cache-Control"] == "no-store, private"


def test_head_and_image_proxies_are_machine_events(visitor: Client, mail: Mail) -> None:
    assert visitor.head(mail.open_url)["Content-Length"] == "43"
    visitor.get(mail.open_url, headers={"user-agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"})
    assert logged(mail) == [(Action.OPENED, True)]
    assert MassEmail.objects.get(pk=mail.mass_email.pk).opened_count == 0


def test_the_pixel_comes_when_the_log_is_broken(visitor: Client, mail: Mail) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_hit RENAME TO campaigns_hit_away")
    try:
        assert visitor.get(mail.open_url).content == PIXEL
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE campaigns_hit_away RENAME TO campaigns_hit")
