"""The Django application of the trace."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "gongqing.audit"
    label = "audit"
