"""Where one comes back to after doing something with a run: the journal with its panel, the run's page, the record."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import reverse

from rouage.web.access import MemberRequest
from rouage.web.responses import safe_next

BOX = "automations-box"  # the id of the box of a record


def is_panel(request: MemberRequest) -> bool:
    return target(request) == "panel"


def target(request: MemberRequest) -> str:
    """The id of what htmx is going to change; htmx 4 writes "dialog#panel"."""
    return (request.htmx.target or "").rpartition("#")[2] if request.htmx else ""


def back_to(request: MemberRequest, run_id: int) -> str:
    """The page that one stands on, with this run in view."""
    named = safe_next(request, "")
    if named:
        return named
    here = (request.htmx.current_url_abs_path or "") if request.htmx else request.get_full_path()
    place = urlsplit(here)
    if place.path == reverse("runs"):
        query = QueryDict(place.query, mutable=True)
        query["panel"] = str(run_id)
        return f"{place.path}?{query.urlencode()}"
    if not place.path.startswith("/") or place.path.startswith(reverse("runs") + "/"):
        return reverse("run", args=[run_id])
    return f"{here}#{BOX}"
