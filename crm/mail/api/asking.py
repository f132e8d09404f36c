"""Test Connection: a question that only a valid key may ask. Nothing is sent."""

from urllib.parse import urljoin

import requests

from crm.mail import outward
from crm.mail.api.answers import said
from crm.mail.api.messages import message_for
from crm.mail.api.server import ApiServer
from crm.mail.smtp_protocol import Envelope

_NOBODY = Envelope("", "nobody@example.com", b"From: nobody@example.com\r\nTo: nobody@example.com\r\n\r\n")


def ask(server: ApiServer) -> tuple[bool, str]:
    """(whether the provider knows the key, what it said). Raises requests.RequestException.

    With which fields a provider wants its key is known to its backend: they are taken from a message that never leaves.
    """
    backend = server.backend()
    try:
        payload = backend.build_message_payload(message_for(server.row, _NOBODY), {})
        signed = payload.get_request_params(backend.api_url)
        response = backend.session.request(
            "POST" if server.row.asks_by_post else "GET",
            urljoin(backend.api_url, server.row.question),
            headers=signed.get("headers"),
            auth=signed.get("auth"),
            json={"key": server.key} if server.row.asks_by_post else None,
            timeout=(server.timeouts.connect, server.timeouts.dot),
            allow_redirects=False,
        )
    finally:
        backend.close()
    return response.ok, said(response)


def reach(server: ApiServer) -> None:
    """For providers without such a question. Raises requests.RequestException."""
    with requests.Session() if server.may_be_inside else outward.session() as session:
        session.head(server.url or server.row.url, timeout=server.timeouts.connect, allow_redirects=False).close()
