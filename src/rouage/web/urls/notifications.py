"""The addresses of notifications."""

from django.urls import path

from rouage.web.views import notifications

urlpatterns = [
    path("notifications", notifications.notifications, name="notifications"),
    path("notifications/read", notifications.read, name="notifications-read"),
]
