"""The addresses of the demo mailbox and of the history of activities."""

from django.urls import URLPattern, path

from rouage.web.views import activity, mailbox

urlpatterns: list[URLPattern] = [
    path("activity", activity.listing, name="activity"),
    path("mailbox", mailbox.listing, name="mailbox"),
    path("mailbox/<int:mail_id>", mailbox.mail, name="mailbox-mail"),
]
