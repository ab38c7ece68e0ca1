"""The addresses of tasks."""

from django.urls import path

from rouage.web.views import tasks

urlpatterns = [
    path("tasks", tasks.tasks, name="tasks"),
    path("tasks/new", tasks.create, name="task-new"),
    path("tasks/<int:task_id>", tasks.detail, name="task"),
    path("tasks/<int:task_id>/edit", tasks.edit, name="task-edit"),
    path("tasks/<int:task_id>/complete", tasks.complete, name="task-complete"),
    path("tasks/<int:task_id>/reopen", tasks.reopen, name="task-reopen"),
    path("tasks/<int:task_id>/cancel", tasks.cancel, name="task-cancel"),
    path("tasks/<int:task_id>/postpone", tasks.postpone, name="task-postpone"),
]
