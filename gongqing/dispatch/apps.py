"""The Django application `dispatch`."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "gongqing.dispatch"
    label = "dispatch"
