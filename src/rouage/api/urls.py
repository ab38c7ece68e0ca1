"""The addresses of the api room."""

from django.urls import URLPattern, URLResolver, path

from rouage.api.service import api

urlpatterns: list[URLPattern | URLResolver] = [path("v1/", api.urls)]
