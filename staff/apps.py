from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff")

    def ready(self) -> None:
        from crm import jobs, navigation, notifications, periodic, policies
        from crm.operations import employee_left
        from staff import monitoring
        from staff.employees.services import end_posting
        from staff.navigation import ENTRIES
        from staff.notifications.kinds import KINDS
        from staff.notifications.services import tell_of_job
        from staff.small_samples import SMALL_SAMPLE

        employee_left.register("staff", 5, end_posting)
        navigation.register(*ENTRIES)
        notifications.register(*KINDS)
        policies.register(SMALL_SAMPLE)
        periodic.every_minute(
            {"staff.absences.tasks.tick_absences": _("Begins and ends absences with the day")}
        )
        periodic.watches.register(
            periodic.Watch("staff", guard=monitoring.guard, glance=monitoring.glance)
        )
        jobs.on_finish("staff", tell_of_job)
