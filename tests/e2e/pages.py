"""Every page that there is, from the map of URLs: a page is walked from the day that it has one."""

import json

from tests.crm.test_permissions import ALL, path_of
from tests.stack import Stack

# States of pages that the map does not tell.
MORE = (
    "/accounts/", "/users/", "/contacts/?q=nobody-has-this-name", "/contacts/?show=opted-out",
    "/admin/email-addresses/?show=opted-out", "/admin/email-addresses/?records=none",
    "/admin/users/?show=viewer", "/sandbox/?show=misbehaving",
    "/leads/?f_status=New", "/search/?q=a", "/search/?q=nobody-has-this-name", "/mass-emails/{sending}/",
    "/mass-emails/{sending}/queue/", "/imports/{draft_import}/setup/", "/imports/{draft_import}/confirm/",
    "/campaigns/{campaign}/log/?action=clicked", "/target-lists/{list}/opted-out/",
    "/target-lists/{list}/sync/preview/?show=going", "/target-lists/?category=Newsletters",
    "/campaigns/{campaign}/preview/?template={template}",
    "/admin/entities/{entity_type}/fields/new/?kind=choice", "/admin/entities/{entity_type}/fields/new/?kind=link",
    "/admin/entities/fields/{entity_field}/kind/?kind=number", "/members/",
    "/reports/new/?type=contacts&kind=grid", "/reports/new/?type=contacts&kind=list&question=clicked-lately",
    "/reports/{report_list}/", "/reports/{report_list}/edit/", "/reports/{report_pie}/",
)  # fmt: skip
# Signing out would end the walk; the preview needs to be told of what, and stands above; providers post their events.
PASSED_OVER = {"crm:logout", "crm:health_json", "campaigns:preview", "hooks:provider_events"}
NAMES = [name for name, _converters in ALL if name not in PASSED_OVER]


def objects_of(stack: Stack) -> dict[str, int]:
    """Make the objects in the running Herald."""
    told = stack.shell("import json; from tests.e2e.world import objects; print('WORLD' + json.dumps(objects()))")
    found: dict[str, int] = json.loads(told.partition("WORLD")[2])
    return found


def path(name: str, objects: dict[str, int]) -> str:
    """Of a name of the map, or of one of MORE."""
    return name.format(**objects) if name.startswith("/") else path_of(name, dict(ALL)[name], objects)
