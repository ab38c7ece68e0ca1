"""Registers the engine room with Django."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "rouage.engine"
    label = "engine"
