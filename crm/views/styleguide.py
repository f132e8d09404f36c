"""Every component of the design system in all its states, for whoever builds pages."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.access import Request, administrator
from crm.forms.styleguide import SampleForm
from crm.views.styleguide_samples import samples


@administrator
@require_safe
def styleguide(request: Request) -> HttpResponse:
    bad = SampleForm({"name": "", "email": "nobody", "colours": ["red"]})
    bad.is_valid()
    context = samples(request.GET.get("page", "3")) | {"form": SampleForm(), "bad_form": bad}
    return render(request, "styleguide/page.html", context)
