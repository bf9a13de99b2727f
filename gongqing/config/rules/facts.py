"""What is measured on an installation, before anybody judges it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class BoundRole:
    """The role that the application connects as."""

    name: str
    is_superuser: bool
    bypasses: bool
    owns_tables: bool


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file that must stay private.

    Attributes:
        size: bytes; None when the file is missing.
        mode: the permission bits.
        secret_length: characters of the secret in it; None where length says nothing.
    """

    name: str
    size: int | None
    mode: int = 0o600
    secret_length: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was measured at one moment; None stands for what could not be measured.

    Attributes:
        skew_seconds: the database's clock minus ours; None when the database does not answer.
        unheld_tables: tables that should be under row-level security and are not.
        worker_silence: since the last sign of life of any job worker.
        queue_wait: how long the oldest job that is due has been waiting; nothing for an empty queue.
        sweep_age: since the clocks were last looked at.
        message_count, message_wait, message_failed_count: short messages that wait, since when those that could leave
            have waited, and how many failed within a day.
        backup_age: since the last verified backup; None when there was none.
        sealed_until: the day of the newest seal of the trace; None when there is none.
        verified_at, trace_fault_count: when the whole trace was last looked at, and what was wrong.
        certificate_fault: why the named certificate cannot be read.
        roster_holes: places and hours without anybody on duty, in words.
        bare_administrators: names of those without a second factor.
    """

    at: datetime
    version: str = ""
    database_version: str = ""
    skew_seconds: float | None = None
    time_zone: str = ""
    pending_migrations: int | None = None
    role: BoundRole | None = None
    unheld_tables: Sequence[str] = ()
    worker_silence: timedelta | None = None
    worker_count: int = 0
    queue_count: int = 0
    queue_wait: timedelta | None = None
    failed_count: int | None = None
    failed_names: Sequence[str] = ()
    sweep_age: timedelta | None = None
    message_count: int | None = None
    message_wait: timedelta | None = None
    message_failed_count: int = 0
    backup_age: timedelta | None = None
    sealed_until: date | None = None
    verified_at: datetime | None = None
    trace_fault_count: int = 0
    disk_free: int | None = None
    disk_total: int | None = None
    certificate_until: datetime | None = None
    certificate_fault: str = ""
    is_trial_certificate: bool = False
    is_next_year_provisional: bool | None = None
    roster_holes: Sequence[str] | None = None
    administrator_count: int | None = None
    bare_administrators: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """How an installation was set up: what the checklist asks besides.

    Attributes:
        demo_accounts: accounts of the demonstration that open with its published passwords.
    """

    is_debug: bool
    allowed_hosts: Sequence[str]
    is_secure: bool
    is_behind_proxy: bool
    site_url: str
    sms_gateway: str
    has_demo_data: bool = False
    demo_accounts: Sequence[str] = ()
    key_files: Sequence[KeyFile] = field(default_factory=tuple)
    versions: Mapping[str, str] = field(default_factory=dict)
