"""Person or machine? Mail gateways open every link before the reader does, and images are loaded through proxies.

Machine events are kept and shown apart, never counted as people. One pure function judges one request; it answers a
short word for the log, or an empty string for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SOON_SECONDS = 10.0  # nobody reads so fast; decides only together with another sign
BURST_SECONDS = 2.0
BURST_LINKS = 3  # different links of one mail within BURST_SECONDS

# Part of the user agent (lower case) → word. Mail gateways and link checkers.
SCANNERS: Mapping[str, str] = {
    "safelinks": "safelinks",
    "bingpreview": "safelinks",
    "barracuda": "barracuda",
    "proofpoint": "proofpoint",
    "mimecast": "mimecast",
    "symantec": "symantec",
    "messagelabs": "symantec",
    "ironport": "cisco",
    "cisco": "cisco",
    "trendmicro": "trend_micro",
    "trend micro": "trend_micro",
    "sophos": "sophos",
    "fireeye": "trellix",
    "trellix": "trellix",
    "forcepoint": "forcepoint",
    "zscaler": "zscaler",
    "fortimail": "fortinet",
    "fortiguard": "fortinet",
    "vadesecure": "vade",
    "urldefense": "proofpoint",
    "virustotal": "virustotal",
    "google-safety": "google",
    "headlesschrome": "headless",
    "phantomjs": "headless",
}
# Proxies that load the images of a mail for its reader: whether a person looked is unknown (Apple loads before anyone).
IMAGE_PROXIES: Mapping[str, str] = {
    "googleimageproxy": "google_proxy",
    "ggpht.com": "google_proxy",
    "yahoomailproxy": "yahoo_proxy",
    "yahoocachesystem": "yahoo_proxy",
    "duckduckgo-email": "privacy_proxy",
}
# The whole user agent of Apple Mail Privacy Protection.
APPLE_PROXY = "mozilla/5.0"
# Programs that are no browser of a person.
ROBOTS = (
    "bot", "crawl", "spider", "preview", "facebookexternalhit", "whatsapp", "slurp", "curl/", "wget/", "python",
    "httpx", "aiohttp", "go-http-client", "java/", "okhttp", "libwww", "axios", "node-fetch", "ruby", "scrapy",
    "httpclient",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a link or for the open pixel.

    `headers` by lower-case name; `seconds_since_sent` is None when that is not known; `links_before` are the other
    links of the same mail that were opened within BURST_SECONDS before.
    """

    method: str
    headers: Mapping[str, str]
    is_open: bool = False
    seconds_since_sent: float | None = None
    links_before: int = 0

    @property
    def agent(self) -> str:
        return self.headers.get("user-agent", "").strip().lower()


def why_machine(visit: Visit) -> str:
    """The reason to take a visit for a machine's, such as "head", "prefetch", "barracuda"; "" for a person's."""
    return _by_request(visit) or _by_agent(visit) or _by_behaviour(visit)


def _by_request(visit: Visit) -> str:
    if visit.method != "GET":
        return visit.method.lower()[:10]
    purposes = (visit.headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    if any("prefetch" in purpose or "preview" in purpose or "prerender" in purpose for purpose in purposes):
        return "prefetch"
    return ""


def _by_agent(visit: Visit) -> str:
    agent = visit.agent
    if not agent:
        return "no_user_agent"
    if agent == APPLE_PROXY:
        return "apple_proxy" if visit.is_open else "scanner"
    for table in (SCANNERS, IMAGE_PROXIES):
        for part, word in table.items():
            if part in agent:
                return word
    return "robot" if any(part in agent for part in ROBOTS) else ""


def _by_behaviour(visit: Visit) -> str:
    """Every browser says its languages when a person follows a link; mail programs that load images need not."""
    if visit.links_before >= BURST_LINKS - 1:
        return "burst"
    if visit.headers.get("accept-language"):
        return ""
    soon = visit.seconds_since_sent is not None and visit.seconds_since_sent < SOON_SECONDS
    if soon:
        return "too_soon"
    return "" if visit.is_open else "no_language"
