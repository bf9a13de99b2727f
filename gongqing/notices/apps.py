"""The Django application `notices`."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "gongqing.notices"
    label = "notices"
