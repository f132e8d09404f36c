"""The quick look at usual addresses never says anything else than the exact one."""

from hypothesis import given
from hypothesis import strategies as st

from crm.mail.smtp_commands import PATH_LIMIT, hindrance
from crm.mail.smtp_protocol import Envelope
from crm.mail.smtp_replies import Extensions

ADDRESSES = st.one_of(
    st.text(alphabet="a@.<> \r\n\x00\x7f\"'é~!ü", max_size=12),
    st.integers(PATH_LIMIT - 2, PATH_LIMIT + 2).map(lambda size: "a" * (size - 4) + "@b.c"),
    st.sampled_from(["", "ana@example.com", "o'neill+news@example.org", "ana@example.com>\r\nDATA"]),
)
OFFERS = st.builds(
    Extensions, eight_bit=st.booleans(), utf8=st.booleans(), size=st.sampled_from([None, 0, 5, 6, 7, 1000])
)


@given(ADDRESSES, ADDRESSES, OFFERS)
def test_a_finished_message_is_hindered_by_what_would_hinder_any_other(
    sender: str, recipient: str, offered: Extensions
) -> None:
    message = Envelope(sender, recipient, b"S: x\r\n", wire_ready=True)

    assert hindrance(message, offered) == hindrance(message._replace(wire_ready=False), offered)
