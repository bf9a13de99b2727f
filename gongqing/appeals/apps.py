"""The Django application `appeals`."""

from django.apps import AppConfig


class AppealsConfig(AppConfig):
    name = "gongqing.appeals"
    label = "appeals"
