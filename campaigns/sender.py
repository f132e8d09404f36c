"""Who a mass email comes from: what it says itself; else the account that was chosen for it; else, where the system
account sends, the From of Administration → Outbound Emails. The other one of the last two stands in for what is empty.
"""

from crm.models import EmailAccount, Settings

From = tuple[str, str]  # name, address


def stands_in(account: EmailAccount | None, is_chosen: bool, settings: Settings) -> From:
    """What an empty From means. `account`: the one that sends, by choice or as the system account."""
    of_system = (settings.from_name, settings.from_address)
    of_account = (account.from_name, account.email_address) if account else of_system
    first, second = (of_account, of_system) if is_chosen else (of_system, of_account)
    return first[0] or second[0], first[1] or second[1]


def written(mailbox: From) -> str:
    """“Acme <news@acme.example.com>”, for reading."""
    name, address = mailbox
    return f"{name} <{address}>" if name and address else address
