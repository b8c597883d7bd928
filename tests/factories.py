"""Factories for bulk; the few named people are in cast.py."""

import factory
from factory.django import DjangoModelFactory

from staff.models import Branch, Employee, Notification, Role


class BranchFactory(DjangoModelFactory[Branch]):
    class Meta:
        model = Branch

    code = factory.Sequence(lambda n: f"B{n:04}")
    name_zh = factory.Sequence(lambda n: f"第{n}营业部")
    name_en = factory.Sequence(lambda n: f"Branch {n}")
    kind = Branch.Kind.BRANCH
    parent = factory.LazyFunction(
        lambda: (
            Branch.objects.filter(parent__isnull=True).first()
            or Branch.objects.create(code="HO", name_zh="总部", kind=Branch.Kind.HEAD_OFFICE)
        )
    )


class EmployeeFactory(DjangoModelFactory[Employee]):
    class Meta:
        model = Employee
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"employee{n}")
    full_name = factory.Sequence(lambda n: f"员工{n}")
    role = Role.MANAGER
    branch = factory.SubFactory(BranchFactory)
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.com")
    password = factory.django.Password("correct-horse-battery")


class NotificationFactory(DjangoModelFactory[Notification]):
    class Meta:
        model = Notification

    employee = factory.SubFactory(EmployeeFactory)
    kind = Notification.Kind.DIGEST
    key = factory.Sequence(lambda n: f"notification-{n}")
    params = {"due": 3, "overdue": 1}
