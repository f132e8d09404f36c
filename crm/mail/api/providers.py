"""What differs from provider to provider, one row each. Amazon SES is left out: its library contradicts another one."""

from dataclasses import dataclass, field

from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.backends.brevo import EmailBackend as Brevo
from anymail.backends.mailersend import EmailBackend as MailerSend
from anymail.backends.mailgun import EmailBackend as Mailgun
from anymail.backends.mailjet import EmailBackend as Mailjet
from anymail.backends.mailtrap import EmailBackend as Mailtrap
from anymail.backends.mandrill import EmailBackend as Mandrill
from anymail.backends.postal import EmailBackend as Postal
from anymail.backends.postmark import EmailBackend as Postmark
from anymail.backends.resend import EmailBackend as Resend
from anymail.backends.scaleway import EmailBackend as Scaleway
from anymail.backends.sendgrid import EmailBackend as SendGrid
from anymail.backends.sparkpost import EmailBackend as SparkPost
from anymail.backends.unisender_go import EmailBackend as UnisenderGo


@dataclass(frozen=True, slots=True)
class ApiProvider:
    """`key`, `second_key` and `option` are what the backend calls them; "" where there is none."""

    backend: type[AnymailRequestsBackend]
    key: str = "api_key"
    second_key: str = ""
    option: str = ""  # the domain, stream or project beside the key
    needs_option: bool = False
    url: str = ""  # "": there is no usual one, each customer has one
    other_urls: tuple[str, ...] = ()  # of other regions
    question: str = ""  # a path that only a valid key may ask for, "": there is none
    asks_by_post: bool = False
    keeps_message_id: bool = False  # a Message-ID of ours may be set
    headers: dict[str, str] = field(default_factory=dict)  # of the mail, that make the provider do what we need
    once_by: str = ""  # the HTTP field by which it knows a request that it has had before


PROVIDERS: dict[str, ApiProvider] = {
    "brevo": ApiProvider(Brevo, url="https://api.brevo.com/v3/", question="account"),
    "mailersend": ApiProvider(MailerSend, key="api_token", url="https://api.mailersend.com/v1/", question="api-quota"),
    "mailgun": ApiProvider(
        Mailgun, option="sender_domain", url="https://api.mailgun.net/v3/",
        other_urls=("https://api.eu.mailgun.net/v3/",), question="domains", keeps_message_id=True,
    ),
    "mailjet": ApiProvider(
        Mailjet, second_key="secret_key", url="https://api.mailjet.com/v3.1/",
        other_urls=("https://api.us.mailjet.com/v3.1/",), question="../v3/REST/sender",
    ),
    "mailtrap": ApiProvider(
        Mailtrap, key="api_token", url="https://send.api.mailtrap.io/api/",
        other_urls=("https://bulk.api.mailtrap.io/api/",),
    ),
    "mandrill": ApiProvider(
        Mandrill, url="https://mandrillapp.com/api/1.0/", question="users/ping2.json", asks_by_post=True,
        keeps_message_id=True,
    ),
    "postal": ApiProvider(Postal, keeps_message_id=True),
    "postmark": ApiProvider(
        Postmark, key="server_token", option="message_stream", url="https://api.postmarkapp.com/", question="server",
        keeps_message_id=True, headers={"X-PM-KeepID": "true"},
    ),
    "resend": ApiProvider(Resend, url="https://api.resend.com/", question="domains", once_by="Idempotency-Key"),
    "scaleway": ApiProvider(
        Scaleway, key="secret_key", option="project_id", needs_option=True, question="domains",
        url="https://api.scaleway.com/transactional-email/v1alpha1/regions/fr-par/",
    ),
    "sendgrid": ApiProvider(
        SendGrid, url="https://api.sendgrid.com/v3/", other_urls=("https://api.eu.sendgrid.com/v3/",),
        question="scopes", keeps_message_id=True,
    ),
    "sparkpost": ApiProvider(
        SparkPost, option="subaccount", url="https://api.sparkpost.com/api/v1/",
        other_urls=("https://api.eu.sparkpost.com/api/v1/",), question="account",
    ),
    "unisender_go": ApiProvider(
        UnisenderGo, url="https://go1.unisender.ru/en/transactional/api/v1/",
        other_urls=("https://go2.unisender.ru/en/transactional/api/v1/",), question="system/info.json",
        asks_by_post=True,
    ),
}  # fmt: skip
