"""Registers the records room with Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "rouage.records"
    label = "records"
