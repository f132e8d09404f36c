"""Is the public key where verifiers look for it? One TXT look-up, told in a sentence."""

from django.conf import settings
from django.utils.translation import gettext as _
from dns.exception import DNSException
from dns.name import LabelTooLong, NameTooLong, from_text
from dns.resolver import NXDOMAIN, NoAnswer, NoResolverConfiguration, Resolver

from crm.mail.account_check import Finding
from crm.mail.dkim_keys import record_tags
from crm.models import DkimKey

PATIENCE = 6.0  # seconds that somebody waits for the page


class NameServersAway(Exception):
    """No name server gave an answer, so nothing is known."""


def check_record(key: DkimKey) -> Finding:
    try:
        texts = published(key.record_name)
    except NameServersAway as error:
        sentence = _("The name servers could not be asked: nothing is known about the record. Is this computer online?")
        return Finding(False, sentence, str(error))
    wanted = record_tags(key.record)
    said = "\n".join(texts)
    for tags in map(record_tags, texts):
        if tags.get("p") == wanted["p"] and tags.get("k", "rsa") == wanted["k"]:
            return Finding(True, _("The record is published and has this key."), said)
    if any("p" in record_tags(text) for text in texts):
        return Finding(False, _("There is a record under this name, but it has another key."), said)
    sentence = _("There is no DKIM record at %(name)s yet. New records take minutes, sometimes hours, to be seen.")
    return Finding(False, sentence % {"name": key.record_name}, said)


def published(name: str) -> list[str]:
    """The TXT records under a name, each with its strings joined. Raises NameServersAway."""
    try:
        answer = _resolver().resolve(from_text(name), "TXT", lifetime=PATIENCE)
    except (NXDOMAIN, NoAnswer, LabelTooLong, NameTooLong):
        return []
    except DNSException as error:
        raise NameServersAway(str(error)) from error
    return [b"".join(row.strings).decode("ascii", "replace") for row in answer]


def _resolver() -> Resolver:
    if not settings.HERALD_DNS_SERVERS:
        try:
            return Resolver()
        except NoResolverConfiguration as error:
            raise NameServersAway(str(error)) from error
    resolver = Resolver(configure=False)
    host, _colon, port = settings.HERALD_DNS_SERVERS[0].rpartition(":")
    resolver.nameservers, resolver.port = [host], int(port)
    return resolver
