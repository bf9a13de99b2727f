"""The Django application `dispatch`."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "gongqing.dispatch"
    label = "dispatch"

    def ready(self) -> None:
        """Say on the administrator's page what somebody who leaves would leave behind."""
        from gongqing.dispatch.queries.passing_on import open_work_words
        from gongqing.ui import slots

        slots.register("posting.open_work", open_work_words)
