"""Search over everything that apps have registered: a page, and the hits alone for the command palette."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from crm.access import Request, reader
from crm.navigation import Found, Text, found
from crm.pages_search import matching_pages, starting_points

PALETTE = "palette-hits"
MOST_OF_A_KIND = 6  # the palette is for jumping; the page shows more
Group = tuple[Text, list[Found], str]  # (heading, hits, where the rest is listed)


@reader
@require_safe
def search(request: Request) -> HttpResponse:
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:200]
    in_palette = request.headers.get("HX-Target") == PALETTE
    hits = [*found(request, text), *matching_pages(request, text)] if text else starting_points(request)
    shown = hits if text or in_palette else []
    groups = _grouped(shown, MOST_OF_A_KIND if in_palette else len(hits))
    context = {"search_text": text, "hits": shown, "groups": groups, "is_cut": any(hit.more for hit in shown)}
    response = render(request, "crm/palette_hits.html" if in_palette else "crm/search.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _grouped(hits: list[Found], most: int) -> list[Group]:
    """By kind, in the order in which the kinds were found first."""
    kinds = list(dict.fromkeys(str(hit.kind) for hit in hits))
    those = {kind: [hit for hit in hits if str(hit.kind) == kind] for kind in kinds}
    return [(kind, these[:most], these[0].more) for kind, these in those.items()]
