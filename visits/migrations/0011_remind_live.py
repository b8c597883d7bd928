"""Keys that know the address, made beside the running product: reminders are a long table."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OLD = {
    "digest": ["employee", "day", "slot", "channel"],
    "reminder": ["callback", "employee", "due_on", "lead_days", "channel"],
}
NEW = {
    "digest": [*OLD["digest"], "endpoint"],
    "reminder": [*OLD["reminder"], "endpoint", "escalated"],
}
FOREIGN = {"employee", "callback", "endpoint"}


def columns(fields: list[str]) -> str:
    return ", ".join(f"{name}_id" if name in FOREIGN else name for name in fields)


def exchange(model: str, fields: list[str], kind: str) -> list[str]:
    table, name = f"visits_{model}", f"{model}_once"
    return [
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}_next",
        f"CREATE UNIQUE INDEX CONCURRENTLY {name}_next ON {table} ({columns(fields)}) {kind}",
        f"ALTER TABLE {table} DROP CONSTRAINT {name},"
        f" ADD CONSTRAINT {name} UNIQUE USING INDEX {name}_next",
    ]


def key(model: str) -> migrations.SeparateDatabaseAndState:
    constraint = models.UniqueConstraint(
        fields=NEW[model], name=f"{model}_once", nulls_distinct=False
    )
    return migrations.SeparateDatabaseAndState(
        [
            migrations.RunSQL(there, back)
            for there, back in zip(
                exchange(model, NEW[model], "NULLS NOT DISTINCT"),
                reversed(exchange(model, OLD[model], "")),
                strict=True,
            )
        ],
        [
            migrations.RemoveConstraint(model_name=model, name=f"{model}_once"),
            migrations.AddConstraint(model_name=model, constraint=constraint),
        ],
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("visits", "0010_remind")]
    operations = [
        key("digest"),
        key("reminder"),
        AddIndexConcurrently(
            model_name="digest",
            index=models.Index(fields=["employee", "-id"], name="digest_of_employee"),
        ),
    ]
