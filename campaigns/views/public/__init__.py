"""The pages that recipients reach from a mail: no login, no session, no cookie, no third party."""

from campaigns.views.public.following import click, open_pixel, web_version
from campaigns.views.public.look import logo, style
from campaigns.views.public.subscribing import opt_out, preferences

__all__ = ["click", "logo", "open_pixel", "opt_out", "preferences", "style", "web_version"]
