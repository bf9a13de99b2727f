"""Accounts, postings, keys and one-time codes."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from gongqing.accounts import rules
from gongqing.registry.models import Load, Organisation, Person

PHONE, TOTP, FIRST_PASSWORD = "user.phone", "user.totp", "first_password"


class RoleChoice(models.TextChoices):
    """The roles a posting can hold, in the trade's words."""

    WORKER = "worker", "职工"
    HOTLINE_SEAT = "hotline_seat", "热线坐席"
    GRASSROOTS_OFFICER = "grassroots_officer", "基层工会干部"
    ZONE_WORKER = "zone_worker", "片区专职工作者"
    ZONE_CHIEF = "zone_chief", "片区长"
    ZONE_INSTRUCTOR = "zone_instructor", "片区指导员"
    ZONE_HELPER = "zone_helper", "片区辅助人员"
    TOWN_SUPERVISOR = "town_supervisor", "镇街派单督办"
    COUNTY_SUPERVISOR = "county_supervisor", "区县派单督办"
    CITY_SUPERVISOR = "city_supervisor", "市级派单督办"
    DEPARTMENT_LIAISON = "department_liaison", "部门联络员"
    MEDIATOR = "mediator", "调解员"
    AUDITOR = "auditor", "审计员"
    ADMINISTRATOR = "administrator", "系统管理员"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """An account: staff by username and password, a worker by phone (no usable password).

    A staff account may ask for a second factor: `totp_sealed` holds its secret, in force from `totp_confirmed_at` on;
    `totp_step` is the last time step that was used, so that no code opens twice.
    """

    SEALED: ClassVar[dict[str, str]] = {"phone_sealed": PHONE, "totp_sealed": TOTP}

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    last_digits = models.CharField(max_length=4, blank=True)
    phone_sealed = models.BinaryField(null=True)
    phone_mask = models.CharField(max_length=20, blank=True)
    must_change_password = models.BooleanField(default=False)
    totp_sealed = models.BinaryField(null=True)
    totp_confirmed_at = models.DateTimeField(null=True)
    totp_step = models.BigIntegerField(null=True)
    recovery_digests = models.JSONField(default=list)
    person = models.OneToOneField(Person, null=True, on_delete=models.PROTECT)
    is_active = models.BooleanField(default=True)
    failed_count = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    objects = UserManager()

    def __str__(self) -> str:
        return self.username


class Posting(models.Model):
    """Who holds which role at which organisation, from when until when (任职).

    `deputy_of` is set when somebody stands in for another's posting between two days (代理); the database holds that
    no posting overlaps itself.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="postings")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="postings")
    role = models.CharField(max_length=24, choices=RoleChoice)
    since = models.DateField()
    until = models.DateField(null=True)
    deputy_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="deputies")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], condition=Q(until__isnull=True), name="posting_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")), name="posting_forward"
            ),
            models.CheckConstraint(
                condition=Q(deputy_of__isnull=True) | Q(until__isnull=False), name="deputy_has_an_end"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role"], name="posting_organisation")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} at {self.organisation_id}"


class FirstPassword(models.Model):
    """A password that a load made for somebody, sealed until it is handed over, once (初始密码)."""

    SEALED: ClassVar[dict[str, str]] = {"password_sealed": FIRST_PASSWORD}

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="first_password")
    load = models.ForeignKey(Load, null=True, on_delete=models.PROTECT)
    password_sealed = models.BinaryField(null=True)
    made_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    taken_by_name = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"first password of {self.user_id}"


class ApiKey(models.Model):
    """A partner's key: shown once, kept as a digest, scoped, revocable."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=32))
    limit_per_minute = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=128, blank=True)

    def __str__(self) -> str:
        return self.prefix

    @property
    def scope_words(self) -> str:
        """What the key may do, in the trade's words."""
        return "、".join(rules.SCOPES.get(scope, scope) for scope in self.scopes)


class OneTimeCode(models.Model):
    """A code sent to a phone: digest only, five minutes, five tries."""

    phone_index = models.BinaryField()
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone_index", "sent_at"], name="code_phone")]

    def __str__(self) -> str:
        return f"code {self.pk}"


class Attempt(models.Model):
    """One try at a limited door (sign-in, code, look-up, anonymous submission), for its rate limit."""

    door = models.CharField(max_length=24)
    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["door", "key", "at"], name="attempt_key")]

    def __str__(self) -> str:
        return f"{self.door} {self.at}"
