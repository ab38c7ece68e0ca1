"""Who uses Rouage: organisations, their members, and what each member may do."""

from __future__ import annotations

import secrets
from datetime import time
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rouage.accounts.privileges import Role

LANGUAGES = [("fr", "Français"), ("en", "English")]
THEMES = [("system", _("System")), ("light", _("Light")), ("dark", _("Dark"))]


def fresh_stamp() -> int:
    """Never the same twice, so that a cache filled in a transaction that failed cannot pass for a later one."""
    return secrets.randbits(62)


def monday_to_friday() -> list[int]:
    return [0, 1, 2, 3, 4]


class Organisation(models.Model):
    """A company: it owns every other row. Its calendar says when it works (AUT-10)."""

    name = models.CharField(max_length=100)
    language = models.CharField(max_length=2, choices=LANGUAGES, default="fr")
    zone = models.CharField(max_length=50, default="Europe/Paris")
    currency = models.CharField(max_length=3, default="EUR")
    country = models.CharField(max_length=2, default="FR")
    region = models.CharField(max_length=10, default="", blank=True)  # holidays' subdivision: 57 Alsace-Moselle, GP ...
    working_days = models.JSONField(default=monday_to_friday)  # 0 = Monday
    opens = models.TimeField(default=time(9))
    closes = models.TimeField(default=time(18))
    closing_stamp = models.BigIntegerField(default=fresh_stamp)  # another one whenever the closing dates change
    email = models.EmailField(default="", blank=True)  # the sender's address of its mails
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")) | Q(closes=time(0)),  # midnight, the end of the day
                name="organisation_opens_first",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ClosingDate(models.Model):
    """Days on which the company is closed, both included (AUT-10)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="closing_dates", db_index=False)
    first_day = models.DateField()
    last_day = models.DateField()
    label = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "first_day"], name="closing_date_order")]
        constraints = [models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="closing_date_range")]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Without a password nobody can sign in as this user yet."""
        user = self.model(email=normalised(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normalised(username or ""))


class User(AbstractBaseUser):
    """A person who signs in; member of one organisation or several."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower")]

    def __str__(self) -> str:
        return self.name


class Profile(models.Model):
    """A named set of privileges; the four roles are made with the organisation, others are the organisation's own."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="profiles", db_index=False)
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=10, choices=[(role.value, role.value) for role in Role], default=Role.CUSTOM)
    privileges = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="profile_name_once"),
            models.UniqueConstraint(
                fields=["organisation", "role"], condition=~Q(role=Role.CUSTOM), name="profile_role_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="teams", db_index=False)
    name = models.CharField(max_length=60)
    lead = models.ForeignKey("Member", models.PROTECT, null=True, blank=True, related_name="led_teams")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A user in one organisation, with a profile, a team and preferences."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="members", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="members")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members")
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=2, choices=LANGUAGES, default="fr")
    theme = models.CharField(max_length=6, choices=THEMES, default="system")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="member_once")]

    def __str__(self) -> str:
        return self.user.name


class Notification(models.Model):
    """Something a member should know, in the application (RUN-10)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="notifications", db_index=False)
    text = models.CharField(max_length=500)
    kind = models.CharField(max_length=20, default="", blank=True)
    record_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "member", "created_at", "id"], name="notification_page"),
            models.Index(
                fields=["organisation", "member"], condition=Q(read_at__isnull=True), name="notification_unread"
            ),
        ]


class SignInCount(models.Model):
    """Attempts to sign in within a period, for one key of ``accounts.throttle`` (a hash: no address is kept)."""

    key = models.CharField(max_length=64, unique=True)
    attempts = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)


def normalised(email: str) -> str:
    """The form in which an email is stored and compared."""
    return email.strip().lower()
