"""The addresses that stand in mails. Written here and not by `reverse`, which costs more than the token itself; a test
holds them equal to the URL map. `base` is Settings.base_url or FrozenMassEmail.base_url: no slash at its end."""

from collections.abc import Collection, Mapping

from campaigns.tracking.packing import packed_number
from campaigns.tracking.tokens import Purpose, make, sealer


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


class ItemLinks:
    """All links of one queue item at once, under their placeholder names: the same texts as above, at half the cost.

    Prepared for one portion of a mass email, from the names that its content uses; {optOutUrl} is always made.
    """

    __slots__ = ("_of_address", "_of_item")

    def __init__(self, base: str, names: Collection[str], clicks: Mapping[str, int]) -> None:
        """`clicks`: tracking code → Link id, as FrozenMassEmail.links has them."""
        click_seal = sealer(Purpose.CLICK)
        of_item = [
            (f"trackingUrl:{code}", f"{base}/t/", click_seal, packed_number(link_id), "")
            for code, link_id in clicks.items()
        ]
        of_item.append(("openPixelUrl", f"{base}/o/", sealer(Purpose.OPEN), b"", ".gif"))
        of_item.append(("webVersionUrl", f"{base}/v/", sealer(Purpose.WEB_VERSION), b"", ""))
        self._of_item = [row for row in of_item if row[0] in names]
        self._of_address = [("optOutUrl", f"{base}/u/", sealer(Purpose.OPT_OUT))]
        if "preferencesUrl" in names:
            self._of_address.append(("preferencesUrl", f"{base}/p/", sealer(Purpose.PREFERENCES)))

    def of(self, item_id: int, address_id: int) -> dict[str, str]:
        """Placeholder name → address. Raises ValueError for a negative number."""
        made: dict[str, str] = {}
        self.add_to(made, item_id, address_id)
        return made

    def add_to(self, values: dict[str, str], item_id: int, address_id: int) -> None:
        """The same, put among the other values of a person. Raises ValueError for a negative number."""
        item = packed_number(item_id)
        address = item + packed_number(address_id)
        for name, before, seal, link, after in self._of_item:
            values[name] = f"{before}{seal(item + link)}{after}"
        for name, before, seal in self._of_address:
            values[name] = f"{before}{seal(address)}"


class ReturnPaths:
    """Envelope senders by which a bounce names its queue item (VERP): ``bounce+TOKEN@domain``."""

    __slots__ = ("_after", "_before", "_seal")

    def __init__(self, address: str) -> None:
        local, _at, domain = address.rpartition("@")
        self._before, self._after = f"{local}+", f"@{domain}"
        self._seal = sealer(Purpose.BOUNCE)

    def of(self, item_id: int) -> str:
        return f"{self._before}{self._seal(packed_number(item_id))}{self._after}"
