"""Let the application refresh the planner's statistics after a bulk load.

ANALYZE needs the owner of a table, which ``crm_app`` is not; the function runs as the owner and
takes the names of this schema's tables only.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION crm_analyze(tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables
                WHERE schemaname = 'public' AND tablename = ANY (tables) LOOP
        EXECUTE format('ANALYZE public.%I', name);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_holidays")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION crm_analyze(text[])")]
