"""The pages that recipients reach from a mail: no login, no session, no cookie, no third party."""

from campaigns.views.public.following import click, open_pixel, web_version
from campaigns.views.public.look import look
from campaigns.views.public.subscribing import opt_out, preferences

__all__ = ["click", "look", "open_pixel", "opt_out", "preferences", "web_version"]
