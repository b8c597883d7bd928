"""The database as text that can be compared: one line for each table, column, grant and so on.

Two databases with the same lines behave the same, whatever order their columns were added in.
Read from PostgreSQL's own catalogs, for the schema ``public`` and the product's roles.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.db.backends.utils import CursorWrapper

# Each statement answers kind, name and definition. Objects of extensions are left to the extension.
OBJECTS = (
    # Tables and views. The owner decides who may change them.
    """
    SELECT CASE relkind WHEN 'r' THEN 'table' ELSE 'view' END, relname,
        concat_ws(' ', 'owner', relowner::regrole, relpersistence, reloptions::text,
            CASE WHEN relrowsecurity THEN 'row security' END,
            CASE WHEN relkind <> 'r' THEN pg_get_viewdef(oid) END)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    """,
    """
    SELECT 'column', c.relname || '.' || a.attname,
        concat_ws(' ', format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || l.collname END,
            CASE WHEN a.attnotnull THEN 'not null' END,
            'default ' || pg_get_expr(d.adbin, d.adrelid),
            'identity ' || nullif(a.attidentity::text, ''),
            'generated ' || nullif(a.attgenerated::text, ''),
            'statistics ' || nullif(a.attstattarget, -1),
            CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
            a.attacl::text)
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped
    """,
    """
    SELECT 'sequence', c.relname::text,
        concat_ws(' ', format_type(s.seqtypid, NULL), 'from', s.seqstart, 'by', s.seqincrement,
            'between', s.seqmin, 'and', s.seqmax, 'cache', s.seqcache,
            CASE WHEN s.seqcycle THEN 'cycle' END, 'owner', c.relowner::regrole,
            'of ' || o.relname || '.' || a.attname)
    FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass
    LEFT JOIN pg_class o ON o.oid = d.refobjid
    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE c.relnamespace = 'public'::regnamespace
    """,
    # PostgreSQL 18 keeps NOT NULL as constraints too; those are said with the columns.
    """
    SELECT 'constraint', conrelid::regclass || '.' || conname,
        concat_ws(' ', pg_get_constraintdef(oid), CASE WHEN NOT convalidated THEN 'not valid' END)
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'
    """,
    """
    SELECT 'index', i.indrelid::regclass || '.' || c.relname,
        concat_ws(' ', pg_get_indexdef(c.oid), CASE WHEN NOT i.indisvalid THEN 'invalid' END)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace
    """,
    """
    SELECT 'statistics', stxname, pg_get_statisticsobjdef(oid)
    FROM pg_statistic_ext WHERE stxnamespace = 'public'::regnamespace
    """,
    # Triggers behind foreign keys are internal: the constraints tell of them.
    """
    SELECT 'trigger', t.tgrelid::regclass || '.' || t.tgname,
        concat_ws(' ', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
    """,
    """
    SELECT 'policy', tablename || '.' || policyname,
        concat_ws(' ', permissive, roles::text, cmd, qual, with_check)
    FROM pg_policies WHERE schemaname = 'public'
    """,
    """
    SELECT 'function', oid::regprocedure::text,
        concat_ws(' ', pg_get_functiondef(oid), 'owner', proowner::regrole)
    FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p') AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
            AND d.deptype = 'e')
    """,
    """
    SELECT 'type', typname, concat_ws(' ', typtype, format_type(typbasetype, typtypmod),
        (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
    FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')
    """,
    "SELECT 'extension', extname, extversion FROM pg_extension",
    # Rights. Without an entry the owner has them all, which acldefault spells out.
    """
    SELECT 'grant', o.name || ' to ' || CASE a.grantee WHEN 0 THEN 'public' ELSE a.grantee::regrole::text END,
        string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' (may grant)' ELSE '' END, ', '
            ORDER BY a.privilege_type)
    FROM (
        SELECT relname::text, coalesce(relacl, acldefault(
            CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        UNION ALL
        SELECT oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner))
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL
        SELECT 'schema public', coalesce(nspacl, acldefault('n', nspowner))
        FROM pg_namespace WHERE nspname = 'public'
        UNION ALL
        SELECT concat_ws(' ', 'later', defaclobjtype, 'of', defaclrole::regrole), defaclacl
        FROM pg_default_acl
    ) o (name, acl) CROSS JOIN aclexplode(o.acl) a
    GROUP BY o.name, a.grantee
    """,
    """
    SELECT 'comment', pg_describe_object(classoid, objoid, objsubid), description
    FROM pg_description
    WHERE objoid >= 16384  -- below are the objects that every database has
    """,
    """
    SELECT 'role', rolname, concat_ws(' ',
        CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolinherit THEN 'inherit' END,
        CASE WHEN rolcreaterole THEN 'createrole' END, CASE WHEN rolcreatedb THEN 'createdb' END,
        CASE WHEN rolcanlogin THEN 'login' END, CASE WHEN rolbypassrls THEN 'bypassrls' END,
        'in', (SELECT string_agg(roleid::regrole::text, ', ' ORDER BY roleid::regrole::text)
               FROM pg_auth_members WHERE member = r.oid))
    FROM pg_roles r WHERE rolname LIKE 'crm\\_%%'
    """,
)
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'django_migrations'
    ORDER BY 1
"""
NUMBERED = """
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attidentity <> ''
"""
POINTERS = """
    SELECT conrelid::regclass::text, f.attname, confrelid::regclass::text, t.attname
    FROM pg_constraint
    JOIN pg_attribute f ON f.attrelid = conrelid AND f.attnum = conkey[1]
    JOIN pg_attribute t ON t.attrelid = confrelid AND t.attnum = confkey[1]
    WHERE connamespace = 'public'::regnamespace AND contype = 'f' AND cardinality(conkey) = 1
"""


def describe(cursor: CursorWrapper, *, rows: bool = False) -> list[str]:
    """The sorted lines of the database that ``cursor`` is connected to.

    With ``rows`` also what its tables hold, without numbers that the database gave; meant for a
    database that was just migrated, since everything is read into memory.
    """
    lines = []
    for statement in OBJECTS:
        cursor.execute(statement, [])
        lines += [_line(*found) for found in cursor.fetchall()]
    if rows:
        lines += [_line("row", table, content) for table, content in _rows(cursor)]
    return sorted(lines)


def _line(kind: str, name: str, definition: str) -> str:
    return f"{kind} {name}: {definition}".rstrip().replace("\n", "\\n")


def _rows(cursor: CursorWrapper) -> Iterator[tuple[str, str]]:
    """Table and content of each row.

    Rows are known by what they hold: numbers depend on the order of inserting and times on when it
    was, so the former are left out, the latter masked, and foreign keys tell what they point to.
    """
    cursor.execute(NUMBERED)
    numbered = set(cursor.fetchall())
    cursor.execute(POINTERS)
    pointers = {(table, column): (to, key) for table, column, to, key in cursor.fetchall()}
    cursor.execute(TABLES)
    held = {table: _held(cursor, table) for (table,) in cursor.fetchall()}

    def content(table: str, row: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for column, value in row.items():
            if (table, column) in numbered:
                continue
            if value is not None and (table, column) in pointers:
                to, key = pointers[table, column]
                value = content(to, next(r for r in held[to] if r[key] == value))
            found[column] = value
        return found

    for table, table_rows in held.items():
        for row in table_rows:
            yield table, json.dumps(content(table, row), ensure_ascii=False, sort_keys=True)


def _held(cursor: CursorWrapper, table: str) -> list[dict[str, Any]]:
    """The rows of ``table`` as PostgreSQL writes them, times apart."""
    cursor.execute(
        "SELECT attname::text, atttypid = 'timestamptz'::regtype FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [f'public."{table}"'],
    )
    columns = cursor.fetchall()
    chosen = ", ".join(
        f"CASE WHEN \"{name}\" IS NOT NULL THEN 'a time' END" if is_time else f'"{name}"::text'
        for name, is_time in columns
    )
    cursor.execute(f'SELECT {chosen} FROM public."{table}"')  # noqa: S608 – names of the catalog
    names = [name for name, _is_time in columns]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
