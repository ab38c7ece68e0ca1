"""The addresses of automations: the list, the editor, publishing, versions, the dry run."""

from django.urls import URLPattern, path

from rouage.web.views.automations import acting, candidates, creating, editor, lists, publishing, versions

ONE = "automations/<int:automation_id>"
urlpatterns: list[URLPattern] = [
    path("automations", lists.listing, name="automations"),
    path("automations/new", creating.create, name="automation-new"),
    path(ONE, editor.automation, name="automation"),
    path(f"{ONE}/draft", editor.save, name="automation-draft"),
    path(f"{ONE}/undo", editor.undo, name="automation-undo"),
    path(f"{ONE}/redo", editor.redo, name="automation-redo"),
    path(f"{ONE}/discard", editor.discard, name="automation-discard"),
    path(f"{ONE}/publish", publishing.publish, name="automation-publish"),
    path(f"{ONE}/switch", acting.switch, name="automation-switch"),
    path(f"{ONE}/rename", acting.rename, name="automation-rename"),
    path(f"{ONE}/duplicate", acting.duplicate, name="automation-duplicate"),
    path(f"{ONE}/delete", acting.delete, name="automation-delete"),
    path(f"{ONE}/flood", acting.flood, name="automation-flood"),
    path(f"{ONE}/versions", versions.listing, name="automation-versions"),
    path(f"{ONE}/versions/<int:number>/restore", versions.restore, name="automation-restore"),
    path(f"{ONE}/matching", candidates.listing, name="automation-candidates"),
    path(f"{ONE}/matching/count", candidates.count, name="automation-count"),
]
