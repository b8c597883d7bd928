"""The first migration of each app makes all of its tables in one go."""

from typing import Any

from django.db import migrations
from django.db.migrations.state import ProjectState


class Baseline(migrations.Migration):
    """A migration whose models are rendered once for all of its operations.

    Django renders every model that is connected to the one which an operation adds or changes, and
    through branches and employees all are: for 120 tables that is most of the time a migration of
    an empty database takes. Its operations must be such that each can run when the models are
    already as the last one leaves them: creating models and triggers, and SQL.
    """

    initial = True

    def apply(
        self, project_state: ProjectState, schema_editor: Any, collect_sql: bool = False
    ) -> ProjectState:
        """Change the state by all operations, then the database by each of them."""
        if collect_sql:  # sqlmigrate shows which operation a statement belongs to
            return super().apply(project_state, schema_editor, collect_sql)
        before = project_state.clone()
        # What is not rendered is not rendered again by each operation, and all of it is at the end.
        project_state.__dict__.pop("apps", None)
        project_state.is_delayed = False
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state
