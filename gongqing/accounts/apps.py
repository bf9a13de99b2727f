"""The Django application `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "gongqing.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Say what a load of staff does."""
        from gongqing.accounts.actions.staff_loads import StaffLoad
        from gongqing.registry.actions.loads import register_work
        from gongqing.registry.models import LoadKind

        register_work(LoadKind.STAFF, StaffLoad())
