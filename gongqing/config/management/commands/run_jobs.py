"""`gongqing run_jobs`: one job process; `gongqing up` and `gongqing jobs` start it and keep it alive."""

from __future__ import annotations

import argparse

from django.core.management import call_command
from django.core.management.base import BaseCommand

from gongqing.config.delivering import Deliverer
from gongqing.config.serving import stand_back

PATIENCE = 10  # seconds for the batch at hand


class Command(BaseCommand):
    help = "任务进程本身：通知监听、办排队的任务；由 gongqing up 和 gongqing jobs 启动"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="同时办几件")

    def handle(self, *, concurrency: int, **_options: object) -> None:
        stand_back()
        deliverer = Deliverer()
        deliverer.start()
        try:
            call_command("procrastinate", "worker", "--concurrency", str(concurrency), "--delete-jobs", "successful")
        finally:
            deliverer.stop(PATIENCE)
