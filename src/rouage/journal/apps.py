"""Registers the journal room with Django."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "rouage.journal"
    label = "journal"
