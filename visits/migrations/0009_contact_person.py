"""Whom one spoke with: the contact person; and a purpose that needs consent."""

import django.db.models.deletion
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    # Index and constraint of a large table are made beside its traffic.
    atomic = False

    dependencies = [
        ("clients", "0005_hand_over_of_nobody"),
        ("visits", "0008_wrong_number"),
    ]

    operations = [
        migrations.AlterField(
            model_name="visit",
            name="purpose",
            field=models.CharField(
                blank=True,
                choices=[
                    ("learn", "Learn about the client"),
                    ("be_known", "Be known"),
                    ("image", "Build a professional image"),
                    ("action", "Get action"),
                    ("offer", "Present a product or event"),
                ],
                default="",
                max_length=10,
                verbose_name="purpose",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="contact_person",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Empty: the client. The role is the person's at that time.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visits",
                to="clients.contactperson",
                verbose_name="contact person",
            ),
        ),
        AddIndexConcurrently(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("contact_person__isnull", False)),
                fields=["contact_person"],
                name="visit_of_person",
            ),
        ),
        AddConstraintNotValid(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("contact_person__isnull", True),
                    models.Q(("spoke_with", ""), _negated=True),
                    _connector="OR",
                ),
                name="visit_person_has_a_role",
            ),
        ),
        ValidateConstraint(model_name="visit", name="visit_person_has_a_role"),
    ]
