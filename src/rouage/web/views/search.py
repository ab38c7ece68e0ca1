"""The search over all records."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse

from rouage.accounts.privileges import Privilege
from rouage.records.queries import search as find
from rouage.web.access import MemberRequest, page
from rouage.web.responses import show


@page(Privilege.SEE_RECORDS)
def search(request: MemberRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:200].strip()
    hits = find(request.member.organisation_id, text) if text else []
    groups = [(kind, list(some)) for kind, some in groupby(hits, key=lambda hit: hit.kind)]
    shown = {"text": text, "groups": groups, "count": len(hits)}
    return show(request, "search.html", shown, fragments={"results": "results"})
