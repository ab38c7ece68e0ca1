"""The addresses of the product, with a page for every agreed name that has none yet, the guide, and pages that fail."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone, translation

from rouage.accounts.access import require
from rouage.accounts.privileges import Privilege
from rouage.config.urls import urlpatterns as product
from rouage.web.access import action, page, public
from rouage.web.responses import Undo, back, go, refused, show, toast
from rouage.web.views.guide import guide

AGREED = (
    "tasks", "quotes", "invoices", "events", "interventions", "contracts", "opportunities", "clients", "automations",
    "runs", "schedules", "functions", "statistics", "activity", "mailbox", "settings", "search",
)  # fmt: skip


@page()
def plain(request):
    return show(request, "home.html", {"first_name": "Camille", "date": "Lundi 23 novembre 2026"})


@page(Privilege.MANAGE_MEMBERS, Privilege.SEE_AUDIT)
def guarded(request):
    return HttpResponse("seen")


@action(Privilege.ACT_ON_RUNS)
def act(request):
    toast(request, "Exécution mise en pause", undo=Undo(url="/act-back", fields={"run": "12"}))
    return back(request, "/")


@action()
def act_back(request):
    toast(request, f"Exécution {request.POST['run']} reprise")
    return go(request, "/")


@action()
def refuse(request):
    return refused(request, "Ce devis est déjà accepté.", "/components")


@page()
def deep_refusal(request):
    require(request.member, Privilege.PUBLISH)
    return HttpResponse("seen")


@public
def broken(request):
    raise RuntimeError("secret-of-the-trace")


@public
def suspicious(request):
    raise BadRequest("secret-of-the-trace")


@public
def open_to_all(request):
    return HttpResponse("open")


@page()
def place(request):
    return JsonResponse({"zone": timezone.get_current_timezone_name(), "language": translation.get_language()})


def _has_page(name):
    try:
        reverse(name, urlconf="rouage.config.urls")
    except NoReverseMatch:
        return False
    return True


urlpatterns = [
    *product,
    path("components", guide, name="components"),
    path("place", place),
    path("guarded", guarded),
    path("act", act),
    path("act-back", act_back),
    path("refuse", refuse),
    path("deep-refusal", deep_refusal),
    path("broken", broken),
    path("suspicious", suspicious),
    path("open-to-all", open_to_all),
    *(path(name, plain, name=name) for name in AGREED if not _has_page(name)),
    *(path(f"{name}/12", plain) for name in AGREED if not _has_page(name)),
]
