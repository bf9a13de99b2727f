"""The Django application `voices`."""

from django.apps import AppConfig


class VoicesConfig(AppConfig):
    name = "gongqing.voices"
    label = "voices"

    def ready(self) -> None:
        """Hang what is like a case on its page, and what sounds like one case on the page of group cases."""
        from gongqing.ui import slots
        from gongqing.voices.queries.alike import alike_of, same_words_of
        from gongqing.voices.queries.needs import need_of_case

        slots.register("case.alike", alike_of)
        slots.register("case.needs", need_of_case)
        slots.register("groups.same_words", same_words_of)
