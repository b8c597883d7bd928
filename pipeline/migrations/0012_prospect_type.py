import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# What 0009 follows, and the type beside it.
FOLLOW = """
CREATE OR REPLACE FUNCTION pipeline_follow_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pipeline_opportunity SET branch_id = NEW.branch_id, manager_id = NEW.manager_id,
        prospect_type = NEW.prospect_type
    WHERE client_id = NEW.id;
    UPDATE pipeline_rankingscore s SET branch_id = NEW.branch_id
    FROM pipeline_opportunity o
    WHERE o.client_id = NEW.id AND s.opportunity_id = o.id
      AND s.branch_id IS DISTINCT FROM NEW.branch_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pipeline_follow_client AFTER UPDATE ON clients_client
    FOR EACH ROW WHEN (OLD.branch_id IS DISTINCT FROM NEW.branch_id
                       OR OLD.manager_id IS DISTINCT FROM NEW.manager_id
                       OR OLD.prospect_type IS DISTINCT FROM NEW.prospect_type)
    EXECUTE FUNCTION pipeline_follow_client();
"""
BEFORE = """
CREATE OR REPLACE FUNCTION pipeline_follow_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pipeline_opportunity SET branch_id = NEW.branch_id, manager_id = NEW.manager_id
    WHERE client_id = NEW.id;
    UPDATE pipeline_rankingscore s SET branch_id = NEW.branch_id
    FROM pipeline_opportunity o
    WHERE o.client_id = NEW.id AND s.opportunity_id = o.id
      AND s.branch_id IS DISTINCT FROM NEW.branch_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pipeline_follow_client AFTER UPDATE ON clients_client
    FOR EACH ROW WHEN (OLD.branch_id IS DISTINCT FROM NEW.branch_id
                       OR OLD.manager_id IS DISTINCT FROM NEW.manager_id)
    EXECUTE FUNCTION pipeline_follow_client();
"""
FILL = """
UPDATE pipeline_opportunity o SET prospect_type = c.prospect_type
FROM clients_client c WHERE c.id = o.client_id AND c.prospect_type <> '';
"""


class Migration(migrations.Migration):
    """The client's type of prospect stands in its opportunities too, as branch and manager do."""

    dependencies = [
        ("clients", "0017_client_twins"),
        ("pipeline", "0011_lead_history"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="opportunity", name="copies_client"),
        migrations.AddField(
            model_name="opportunity",
            name="prospect_type",
            field=models.CharField(
                blank=True,
                choices=[
                    ("avoidant", "Avoidant"),
                    ("delegating", "Delegating"),
                    ("advisory", "Advisory"),
                    ("self_directed", "Self-directed"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=16,
                verbose_name="prospect type",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="copies_client",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nSELECT c.branch_id, c.manager_id, c.prospect_type\nINTO NEW.branch_id, NEW.manager_id, NEW.prospect_type\nFROM clients_client c WHERE c.id = NEW.client_id FOR SHARE;\nRETURN NEW;\n",
                    hash="e899403735ba4cf5ca8837160fc2dcf7f2740a8f",
                    operation='INSERT OR UPDATE OF "client_id"',
                    pgid="pgtrigger_copies_client_63ef1",
                    table="pipeline_opportunity",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FOLLOW, BEFORE),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
