"""The mail in the browser (T21)."""

from django.test import Client

from campaigns.models import FrozenMassEmail, QueueItem
from tests.campaigns.tracking.conftest import Mail


def test_the_mail_of_this_person_is_shown_in_a_sandbox(visitor: Client, mail: Mail) -> None:
    response = visitor.get(mail.web_version_url)
    assert response.content.decode() == "<p>Hi Ines</p>"
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_a_mail_that_is_gone_is_a_bad_link(visitor: Client, mail: Mail) -> None:
    FrozenMassEmail.objects.all().delete()
    assert visitor.get(mail.web_version_url).status_code == 404
    QueueItem.objects.all().delete()
    assert visitor.get(mail.web_version_url).status_code == 404
