"""Registers the automations room with Django."""

from django.apps import AppConfig


class AutomationsConfig(AppConfig):
    name = "rouage.automations"
    label = "automations"
