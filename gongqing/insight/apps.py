"""The Django application `insight`."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "gongqing.insight"
    label = "insight"

    def ready(self) -> None:
        """Let the catalogue of indicators count shared needs."""
        from gongqing.insight.queries.needs import connect_needs

        connect_needs()
