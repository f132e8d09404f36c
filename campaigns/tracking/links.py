"""The addresses that stand in mails. Written here and not by `reverse`, which costs more than the token itself; a test
holds them equal to the URL map. `base` is Settings.base_url or FrozenMassEmail.base_url: no slash at its end."""

from campaigns.tracking.tokens import Purpose, make


def click(base: str, item_id: int, link_id: int) -> str:
    return f"{base}/t/{make(Purpose.CLICK, item_id, link_id)}"


def open_pixel(base: str, item_id: int) -> str:
    return f"{base}/o/{make(Purpose.OPEN, item_id)}.gif"


def opt_out(base: str, item_id: int, address_id: int) -> str:
    """For {optOutUrl} and for List-Unsubscribe alike (RFC 8058: the page and the one-click POST share one address)."""
    return f"{base}/u/{make(Purpose.OPT_OUT, item_id, address_id)}"


def preferences(base: str, item_id: int, address_id: int) -> str:
    return f"{base}/p/{make(Purpose.PREFERENCES, item_id, address_id)}"


def web_version(base: str, item_id: int) -> str:
    return f"{base}/v/{make(Purpose.WEB_VERSION, item_id)}"
