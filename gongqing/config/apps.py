"""Registers the edge as a Django application so that its commands are found."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "gongqing.config"
    label = "config"
