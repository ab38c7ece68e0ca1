"""One kind of record has a page, the others have none."""

from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("quotes/<int:record_id>", lambda _request, **_record: HttpResponse(), name="quote")]
