"""The Django application `appeals`."""

from django.apps import AppConfig


class AppealsConfig(AppConfig):
    name = "gongqing.appeals"
    label = "appeals"

    def ready(self) -> None:
        """Say what a load of appeals does."""
        from gongqing.appeals.actions.sheet_loads import AppealLoad
        from gongqing.registry.actions.load_work import register_work
        from gongqing.registry.models import LoadKind

        register_work(LoadKind.APPEALS, AppealLoad())
