"""DKIM keys: read from PEM, refused when they cannot sign, written as the record to publish."""

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from crm.mail.dkim_keys import (
    Algorithm,
    UnusableKey,
    algorithm_of,
    key_from_pem,
    new_key,
    pem_of,
    public_text,
    record_name,
    record_strings,
    record_tags,
    record_text,
    stored_key,
)

OPEN = NoEncryption()
WITH_PASSWORD = BestAvailableEncryption(b"secret")


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey,
    encryption: KeySerializationEncryption = OPEN,
    form: PrivateFormat = PrivateFormat.PKCS8,
) -> str:
    return key.private_bytes(Encoding.PEM, form, encryption).decode()


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_key_survives_being_stored(algorithm: Algorithm) -> None:
    key = new_key(algorithm)
    for read in (key_from_pem(f"\n  {pem_of(key)}\n"), stored_key(pem_of(key))):
        assert public_text(read) == public_text(key)
        assert algorithm_of(read) is algorithm


def test_a_key_of_openssl_s_older_form_is_read() -> None:
    key = rsa.generate_private_key(65537, 2048)
    assert public_text(key_from_pem(pem(key, form=PrivateFormat.TraditionalOpenSSL))) == public_text(key)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "unreadable"),
        ("hello", "unreadable"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "unreadable"),
        ("-----BEGIN PRIVATE KEY-----\né\ud7ff\n-----END PRIVATE KEY-----", "unreadable"),
        (pem(rsa.generate_private_key(65537, 1024)), "size"),
        (pem(rsa.generate_private_key(65537, 2048), WITH_PASSWORD), "encrypted"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "kind"),
    ],
)
def test_what_cannot_sign_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(UnusableKey) as refused:
        key_from_pem(text)
    assert refused.value.why == why


def test_the_record_of_rfc_8463_s_example() -> None:
    """Appendix A.1 and A.2: the private and the public half of one Ed25519 key."""
    text = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
    key = key_from_pem(f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----")
    record = record_text(algorithm_of(key), public_text(key))
    assert record == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    assert record_name("football.example.com", "brisbane") == "brisbane._domainkey.football.example.com"


def test_a_long_record_fits_into_strings_and_reads_back() -> None:
    record = record_text(Algorithm.RSA, public_text(new_key(Algorithm.RSA)))
    strings = record_strings(record)
    assert len(strings) == 2 and max(map(len, strings)) <= 255
    assert "".join(strings) == record
    tags = record_tags(record.replace("p=", " p = ").replace("MIIB", "MI IB"))
    assert (tags["v"], tags["k"]) == ("DKIM1", "rsa")
    assert f"v=DKIM1; k=rsa; p={tags['p']}" == record
