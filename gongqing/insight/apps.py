"""The Django application `insight`."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "gongqing.insight"
    label = "insight"
