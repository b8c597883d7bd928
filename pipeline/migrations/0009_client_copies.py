import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Clients are changed in many places, by the application and by the administrator: the copies follow
# wherever that is.
FOLLOW = """
CREATE FUNCTION pipeline_follow_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pipeline_opportunity SET branch_id = NEW.branch_id, manager_id = NEW.manager_id
    WHERE client_id = NEW.id;
    UPDATE pipeline_rankingscore s SET branch_id = NEW.branch_id
    FROM pipeline_opportunity o
    WHERE o.client_id = NEW.id AND s.opportunity_id = o.id
      AND s.branch_id IS DISTINCT FROM NEW.branch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER pipeline_follow_client AFTER UPDATE ON clients_client
    FOR EACH ROW WHEN (OLD.branch_id IS DISTINCT FROM NEW.branch_id
                       OR OLD.manager_id IS DISTINCT FROM NEW.manager_id)
    EXECUTE FUNCTION pipeline_follow_client();
"""
ALONE = """
DROP TRIGGER pipeline_follow_client ON clients_client;
DROP FUNCTION pipeline_follow_client();
"""
FILL = """
UPDATE pipeline_opportunity o SET branch_id = c.branch_id, manager_id = c.manager_id
FROM clients_client c WHERE c.id = o.client_id;
UPDATE pipeline_rankingscore s SET branch_id = o.branch_id
FROM pipeline_opportunity o WHERE o.id = s.opportunity_id;
"""


class Migration(migrations.Migration):
    """Branch and manager of the client stand in its opportunities too."""

    dependencies = [
        ("clients", "0015_counting"),
        ("pipeline", "0008_campaigns"),
        ("staff", "0015_prospects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="opportunity",
            name="branch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="staff.branch",
                verbose_name="branch",
            ),
        ),
        migrations.AddField(
            model_name="opportunity",
            name="manager",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="manager",
            ),
        ),
        migrations.AddField(
            model_name="rankingscore",
            name="branch",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="staff.branch",
                verbose_name="branch",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="copies_client",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nSELECT c.branch_id, c.manager_id INTO NEW.branch_id, NEW.manager_id\nFROM clients_client c WHERE c.id = NEW.client_id FOR SHARE;\nRETURN NEW;\n",
                    hash="f80bb40f845141350371f17a720ef12637676f84",
                    operation='INSERT OR UPDATE OF "client_id"',
                    pgid="pgtrigger_copies_client_63ef1",
                    table="pipeline_opportunity",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FOLLOW, ALONE),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
