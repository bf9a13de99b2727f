"""The Django application `registry`."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "gongqing.registry"
    label = "registry"

    def ready(self) -> None:
        """Say what a load of organisations does."""
        from gongqing.registry.actions.load_work import register_work
        from gongqing.registry.actions.organisation_loads import OrganisationLoad
        from gongqing.registry.models import LoadKind

        register_work(LoadKind.ORGANISATIONS, OrganisationLoad())
