"""What is done with organisations, members, profiles, teams and settings: each change journalled, all or nothing."""

from rouage.accounts.commands.members import (
    add_member,
    assign_profile,
    assign_team,
    change_password,
    change_preferences,
    deactivate_member,
    reactivate_member,
    rename_user,
    set_password,
)
from rouage.accounts.commands.organisations import change_organisation, create_organisation
from rouage.accounts.commands.profiles import (
    change_privileges,
    create_profile,
    delete_profile,
    rename_profile,
)
from rouage.accounts.commands.settings import add_closing_date, change_calendar, remove_closing_date
from rouage.accounts.commands.teams import change_team, create_team, delete_team

__all__ = [
    "add_closing_date",
    "add_member",
    "assign_profile",
    "assign_team",
    "change_calendar",
    "change_organisation",
    "change_password",
    "change_preferences",
    "change_privileges",
    "change_team",
    "create_organisation",
    "create_profile",
    "create_team",
    "deactivate_member",
    "delete_profile",
    "delete_team",
    "reactivate_member",
    "remove_closing_date",
    "rename_profile",
    "rename_user",
    "set_password",
]
