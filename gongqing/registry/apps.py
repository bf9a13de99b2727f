"""The Django application `registry`."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "gongqing.registry"
    label = "registry"
