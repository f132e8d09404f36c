"""From what an author wrote to compiled content, with what this Herald knows: fields, tracking URLs, settings."""

from django.conf import settings

from campaigns.content.compile import compile_content
from campaigns.content.content import Content
from campaigns.content.draft import Draft, Options
from campaigns.content.problems import Problem
from campaigns.models import Campaign, TemplateMode, TrackingUrl
from campaigns.models.template import Composition
from campaigns.people import schema
from crm.models import Settings


def compose(composition: Composition, campaign: Campaign | None) -> tuple[Content, list[Problem]]:
    """Compile a template for a campaign; None for a template that belongs to none yet: every code is then known."""
    stored = Settings.load()
    codes = TrackingUrl.objects.all() if campaign is None else campaign.tracking_urls.all()
    informational = campaign is not None and campaign.is_informational
    options = Options(
        append_opt_out=not (stored.disable_opt_out_link or informational),
        open_pixel=stored.open_tracking and not informational,
        tracking_codes=frozenset(codes.values_list("code", flat=True)),
        schema=schema(),
        track=not informational,
        language=stored.language,
        max_body_bytes=settings.HERALD_BODY_LIMIT,
    )
    return compile_content(draft_of(composition), options)


def draft_of(composition: Composition) -> Draft:
    if composition.mode == TemplateMode.PLAIN:
        return Draft(composition.subject, composition.preview_text, "", composition.body)
    return Draft(composition.subject, composition.preview_text, composition.body, composition.text_body)


def errors_of(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.is_error]
