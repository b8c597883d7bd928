"""No return visit is given to whoever serves or won the client, now or in the past."""

from django.db import migrations

CREATE = """
CREATE FUNCTION compliance_never_own() RETURNS trigger AS $$
BEGIN
    IF EXISTS (SELECT FROM clients_assignment a
               WHERE a.client_id = NEW.client_id AND a.employee_id = NEW.employee_id) THEN
        RAISE EXCEPTION 'a return visit is never given to a manager of the client'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'callback_never_own';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER compliance_never_own
    BEFORE INSERT OR UPDATE OF employee_id, client_id ON visits_callback
    FOR EACH ROW WHEN (NEW.kind = 'compliance' AND NEW.employee_id IS NOT NULL)
    EXECUTE FUNCTION compliance_never_own();
"""
DROP = """
DROP TRIGGER compliance_never_own ON visits_callback;
DROP FUNCTION compliance_never_own();
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
