"""What administrators do with the DKIM key of an email account: make or bring one, start signing, remove it."""

from django.db import transaction

from crm.audit import audit
from crm.mail.account_check import Finding
from crm.mail.dkim_keys import Algorithm, PrivateKey, algorithm_of, new_key, pem_of, public_text
from crm.mail.dkim_record import check_record
from crm.models import DkimKey, EmailAccount, User


def make_key(account: EmailAccount, user: User, domain: str, selector: str, algorithm: Algorithm) -> DkimKey:
    """A new pair in the place of an old one. Nothing is signed with it before its record is published."""
    return keep_key(account, user, domain, selector, new_key(algorithm))


def keep_key(account: EmailAccount, user: User, domain: str, selector: str, private: PrivateKey) -> DkimKey:
    """The same with a private key that somebody brought. It is stored encrypted and never shown again."""
    with transaction.atomic():
        DkimKey.objects.filter(account=account).delete()
        key = DkimKey(account=account, domain=domain, selector=selector, algorithm=algorithm_of(private).value)
        key.public, key.pem = public_text(private), pem_of(private)
        key.save()
        audit(user, "dkim_key.created", account, record=key.record_name, algorithm=key.algorithm)
    return key


def check_and_sign(key: DkimKey, user: User) -> Finding:
    """Look the record up; from the moment that it is seen, mails are signed."""
    finding = check_record(key)
    if finding.ok and not key.is_signing:
        set_signing(key, user, True)
    return finding


def set_signing(key: DkimKey, user: User, is_signing: bool) -> None:
    with transaction.atomic():
        key.is_signing = is_signing
        key.save(update_fields=["is_signing"])
        audit(user, "dkim_key.signing", key.account, record=key.record_name, signing=[not is_signing, is_signing])


def remove_key(key: DkimKey, user: User) -> None:
    with transaction.atomic():
        audit(user, "dkim_key.removed", key.account, record=key.record_name)
        key.delete()
