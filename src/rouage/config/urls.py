"""The addresses of the whole product: a person's door and a program's door."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("rouage.api.urls")),
    path("", include("rouage.web.urls")),
]
