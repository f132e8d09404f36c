"""From an email account of the database to the signer of its mails."""

from functools import lru_cache

from crm.mail.dkim import Signer
from crm.mail.dkim_keys import stored_key
from crm.mail.secrets import decrypt
from crm.models import DkimKey, EmailAccount


def signer_for(account: EmailAccount) -> Signer | None:
    """None when the account's mails are not signed here. Raises SecretUnreadable when the stored key fits none of the
    encryption keys."""
    return signer_of(account.pk)


def signer_of(account_id: int | None) -> Signer | None:
    """The same for whoever has only the account's number."""
    key = DkimKey.objects.filter(account_id=account_id, is_signing=True).first()
    return _signer(key.secret, key.domain, key.selector) if key else None


@lru_cache(maxsize=16)
def _signer(secret: str, domain: str, selector: str) -> Signer:
    """Kept, for decrypting and reading a key takes as long as signing many messages with it."""
    return Signer(stored_key(decrypt(secret)), domain, selector)
