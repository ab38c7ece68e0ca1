"""What a member may do (ACC-2): privileges, and the four roles made of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Privilege(StrEnum):
    SEE_RECORDS = "see_records"
    EDIT_RECORDS = "edit_records"
    SEE_RUNS = "see_runs"
    ACT_ON_RUNS = "act_on_runs"
    CREATE_AUTOMATIONS = "create_automations"  # own ones
    EDIT_ALL_AUTOMATIONS = "edit_all_automations"
    PUBLISH = "publish"
    MANAGE_WORKFLOWS = "manage_workflows"  # Gérer les workflows: functions and schedules
    MANAGE_TEMPLATES = "manage_templates"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_SETTINGS = "manage_settings"
    SEE_AUDIT = "see_audit"


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    MEMBER = "member"
    READER = "reader"
    CUSTOM = "custom"


_READ = frozenset({Privilege.SEE_RECORDS, Privilege.SEE_RUNS})
_WORK = frozenset({Privilege.SEE_RECORDS, Privilege.EDIT_RECORDS, Privilege.SEE_RUNS, Privilege.ACT_ON_RUNS})

# In a new organisation. ACC-3: only administrators have automations, until they open them to others.
ROLES: Mapping[Role, frozenset[Privilege]] = {
    Role.ADMIN: frozenset(Privilege),
    Role.MANAGER: _WORK | {Privilege.SEE_AUDIT},
    Role.MEMBER: _WORK,
    Role.READER: _READ,
}

PRIVILEGE_LABELS: Mapping[Privilege, Promise] = {
    Privilege.SEE_RECORDS: _("See records"),
    Privilege.EDIT_RECORDS: _("Edit records"),
    Privilege.SEE_RUNS: _("See runs"),
    Privilege.ACT_ON_RUNS: _("Act on runs"),
    Privilege.CREATE_AUTOMATIONS: _("Create own automations"),
    Privilege.EDIT_ALL_AUTOMATIONS: _("Edit all automations"),
    Privilege.PUBLISH: _("Publish automations"),
    Privilege.MANAGE_WORKFLOWS: _("Manage workflows"),
    Privilege.MANAGE_TEMPLATES: _("Manage templates"),
    Privilege.MANAGE_MEMBERS: _("Manage members"),
    Privilege.MANAGE_SETTINGS: _("Manage settings"),
    Privilege.SEE_AUDIT: _("See the audit log"),
}

ROLE_LABELS: Mapping[Role, Promise] = {
    Role.ADMIN: _("Administrator"),
    Role.MANAGER: _("Manager"),
    Role.MEMBER: _("Member"),
    Role.READER: _("Read-only"),
}
