"""The addresses of runs: the journal, one run, what is done with runs, and why nothing happened."""

from django.urls import URLPattern, path

from rouage.web.views.runs import acting, box, bulk, evaluations, export, journal, panels

urlpatterns: list[URLPattern] = [
    path("runs", journal.journal, name="runs"),
    path("runs/export", export.export, name="runs-export"),
    path("runs/bulk", bulk.bulk, name="runs-bulk"),
    path("runs/why-nothing", evaluations.evaluations, name="evaluations"),
    path("runs/<int:run_id>", panels.run, name="run"),
    path("runs/<int:run_id>/pause", acting.pause, name="run-pause"),
    path("runs/<int:run_id>/resume", acting.resume, name="run-resume"),
    path("runs/<int:run_id>/skip", acting.skip, name="run-skip"),
    path("runs/<int:run_id>/now", acting.run_now, name="run-now"),
    path("runs/<int:run_id>/pause-until", acting.pause_until, name="run-pause-until"),
    path("runs/<int:run_id>/cancel", acting.cancel, name="run-cancel"),
    path("runs/<int:run_id>/relaunch", acting.relaunch, name="run-relaunch"),
    path("runs/of/<str:kind>/<int:record_id>/pause", box.pause_all, name="record-pause-all"),
    path("runs/of/<str:kind>/<int:record_id>/resume", box.resume_all, name="record-resume-all"),
]
