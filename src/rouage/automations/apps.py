"""Registers the automations room with Django and reads its types."""

from django.apps import AppConfig


class AutomationsConfig(AppConfig):
    name = "rouage.automations"
    label = "automations"

    def ready(self) -> None:
        from rouage.automations import registry  # noqa: PLC0415 -- app ready
        from rouage.records.kinds import KINDS  # noqa: PLC0415 -- app ready

        KINDS.load()
        registry.load()
