"""The addresses of the web room, one list per subject."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from rouage.web.urls import automations, imports, journals, notifications, organisation, records, runs, search, tasks
from rouage.web.views import guide, home, preferences, sign_in

SHELL = [
    path("", home.home, name="home"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("preferences/language", preferences.language, name="preferences-language"),
    path("preferences/theme", preferences.theme, name="preferences-theme"),
    path("preferences/organisation", preferences.organisation, name="preferences-organisation"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *SHELL,
    *records.urlpatterns,
    *tasks.urlpatterns,
    *imports.urlpatterns,
    *search.urlpatterns,
    *notifications.urlpatterns,
    *organisation.urlpatterns,
    *automations.urlpatterns,
    *runs.urlpatterns,
    *journals.urlpatterns,
]
if settings.ROUAGE_DEV:
    urlpatterns.append(path("components", guide.guide, name="components"))
