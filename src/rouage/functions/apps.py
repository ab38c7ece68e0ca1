"""Registers the functions room with Django."""

from django.apps import AppConfig


class FunctionsConfig(AppConfig):
    name = "rouage.functions"
    label = "functions"
