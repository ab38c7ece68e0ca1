"""The addresses of the import."""

from django.urls import path

from rouage.web.views import imports

urlpatterns = [
    path("import/<slug:path>", imports.upload, name="import"),
    path("import/<int:upload_id>/columns", imports.columns, name="import-columns"),
    path("import/<int:upload_id>/check", imports.check, name="import-check"),
    path("import/<int:upload_id>/wrong-rows", imports.wrong_rows, name="import-wrong-rows"),
    path("import/<int:upload_id>/run", imports.run, name="import-run"),
    path("import/<int:upload_id>/result", imports.result, name="import-result"),
]
