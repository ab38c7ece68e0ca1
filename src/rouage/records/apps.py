"""Registers the records room with Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "rouage.records"
    label = "records"

    def ready(self) -> None:
        from rouage.records.kinds import KINDS  # noqa: PLC0415 -- app ready

        KINDS.load()
