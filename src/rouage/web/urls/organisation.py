"""The addresses of the settings."""

from django.urls import path

from rouage.web.views import members, pipelines, settings

urlpatterns = [
    path("settings", settings.settings, name="settings"),
    path("settings/organisation", settings.organisation, name="settings-organisation"),
    path("settings/calendar", settings.calendar, name="settings-calendar"),
    path("settings/calendar/closings", settings.add_closing, name="settings-closings"),
    path("settings/calendar/closings/<int:closing_id>/remove", settings.remove_closing, name="settings-closing-remove"),
    path("settings/members", members.members, name="settings-members"),
    path("settings/members/new", members.add, name="settings-member-new"),
    path("settings/members/<int:member_id>/profile", members.assign, name="settings-member-profile"),
    path("settings/members/<int:member_id>/deactivate", members.deactivate, name="settings-member-deactivate"),
    path("settings/members/<int:member_id>/reactivate", members.reactivate, name="settings-member-reactivate"),
    path("settings/profiles", members.profiles, name="settings-profiles"),
    path("settings/profiles/new", members.profile, name="settings-profile-new"),
    path("settings/profiles/<int:profile_id>", members.profile, name="settings-profile"),
    path("settings/profiles/<int:profile_id>/delete", members.delete_profile, name="settings-profile-delete"),
    path("settings/pipelines", pipelines.pipelines, name="settings-pipelines"),
    path("settings/pipelines/new", pipelines.create, name="settings-pipeline-new"),
    path("settings/pipelines/<int:pipeline_id>/rename", pipelines.rename, name="settings-pipeline-rename"),
    path("settings/pipelines/<int:pipeline_id>/delete", pipelines.delete, name="settings-pipeline-delete"),
    path("settings/pipelines/<int:pipeline_id>/stages", pipelines.add_stage, name="settings-stages"),
    path("settings/stages/<int:stage_id>/rename", pipelines.rename_stage, name="settings-stage-rename"),
    path("settings/stages/<int:stage_id>/move", pipelines.move_stage, name="settings-stage-move"),
    path("settings/stages/<int:stage_id>/delete", pipelines.delete_stage, name="settings-stage-delete"),
]
