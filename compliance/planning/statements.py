"""The SQL of planning return visits, set-based and from state alone.

Parameters: ``today``, ``zone``, ``year`` (of today) and, as ``_paths`` and ``_values`` by path of a
branch, the policies ``months`` (window of new accounts), ``percent`` (yearly share), ``days`` (after
a departure, a complaint, large assets, a large flow), ``assets`` and ``flow`` (CNY);
``known`` (what happened before that day is no reason any more), ``recent`` (first month whose
figures are news).
"""

from staff.policies import nearest

# Trading days from today to the end of next year, numbered.
DAYS = """
CREATE TEMP TABLE compliance_days ON COMMIT DROP AS
SELECT d::date AS day, row_number() OVER (ORDER BY d)::integer AS number
FROM unnest(%(days)s::date[]) d
"""


# The numbers that hold in each branch: those of the nearest one above it.
NUMBERS = f"""
CREATE TEMP TABLE compliance_numbers ON COMMIT DROP AS
SELECT b.id AS branch_id, {nearest("percent")} AS percent,
       {nearest("days")}::integer AS extra_days, {nearest("assets")} AS assets_over,
       {nearest("months")}::integer AS window_months, {nearest("flow")} AS flow_over
FROM staff_branch b
"""  # noqa: S608

_CLIENT = "c.lifecycle = 'client' AND c.merged_into_id IS NULL"

# First and last day on which each may be made; within them a hash of the client decides, so that a
# second run places nothing otherwise.
OPENED = f"""
SELECT c.id, 'new_account', 'opened:' || to_char(c.opened_on, 'YYYY-MM-DD'), c.opened_on,
       LEAST(c.opened_on + 7, span.ends_on), span.ends_on
FROM clients_client c
JOIN compliance_numbers n ON n.branch_id = c.branch_id
CROSS JOIN LATERAL (
    SELECT (c.opened_on + make_interval(months => n.window_months))::date AS ends_on) span
WHERE {_CLIENT} AND c.opened_on > %(known)s AND c.opened_on <= %(today)s
  AND span.ends_on >= (c.created_at AT TIME ZONE %(zone)s)::date
"""  # noqa: S608

DEPARTED = f"""
SELECT DISTINCT c.id, 'departure', 'left:' || e.id || ':' || to_char(e.left_on, 'YYYY-MM-DD'),
       e.left_on, e.left_on + 1, e.left_on + n.extra_days
FROM staff_employee e
JOIN clients_assignment a ON a.employee_id = e.id AND a.kind = 'serves'
    AND (a.valid_to IS NULL OR a.valid_to >= e.left_on - 31)
JOIN clients_client c ON c.id = a.client_id AND {_CLIENT}
JOIN compliance_numbers n ON n.branch_id = c.branch_id
WHERE e.left_on > %(known)s AND e.left_on <= %(today)s
"""  # noqa: S608

COMPLAINED = f"""
SELECT c.id, 'complaint', 'occasion:' || o.id, o.happened_on,
       o.happened_on + 1, o.happened_on + n.extra_days
FROM visits_occasion o
JOIN clients_client m ON m.id = o.client_id
JOIN clients_client c ON c.id = COALESCE(m.merged_into_id, m.id) AND {_CLIENT}
JOIN compliance_numbers n ON n.branch_id = c.branch_id
WHERE o.kind = 'complaint' AND NOT o.void AND o.happened_on > %(known)s
  AND o.happened_on <= %(today)s
"""  # noqa: S608

# Once in a client's life: over the sum in a month that is news, and never in one before.
LARGE = f"""
SELECT c.id, 'assets', 'assets:first', news.as_of, news.as_of + 1, news.as_of + n.extra_days
FROM clients_derivedprofile d
JOIN clients_client c ON c.id = d.client_id AND {_CLIENT}
JOIN compliance_numbers n ON n.branch_id = c.branch_id
JOIN LATERAL (
    SELECT m.month, max(m.as_of) AS as_of FROM clients_fundaccount a
    JOIN clients_monthlyfigure m ON m.account_id = a.id
    WHERE a.client_id = c.id GROUP BY m.month HAVING sum(m.assets) >= n.assets_over
    ORDER BY m.month LIMIT 1) news ON news.month >= %(recent)s
WHERE d.assets >= n.assets_over
"""  # noqa: S608

# An abnormal account, as far as figures show one: the net flow of a month that is news, over all
# accounts and either way. Of each month once.
FLOWED = f"""
SELECT c.id, 'flow', 'flow:' || to_char(f.month, 'YYYY-MM'), f.as_of, f.as_of + 1,
       f.as_of + n.extra_days
FROM (SELECT COALESCE(m.merged_into_id, m.id) AS client_id, g.month, max(g.as_of) AS as_of,
             abs(sum(g.net_inflow)) AS amount
      FROM clients_monthlyfigure g
      JOIN clients_fundaccount a ON a.id = g.account_id
      JOIN clients_client m ON m.id = a.client_id
      WHERE g.month >= %(recent)s AND g.as_of > %(known)s GROUP BY 1, 2) f
JOIN clients_client c ON c.id = f.client_id AND {_CLIENT}
JOIN compliance_numbers n ON n.branch_id = c.branch_id
WHERE f.amount >= n.flow_over
"""  # noqa: S608

WANTED = f"""
CREATE TEMP TABLE compliance_wanted (client_id, reason, occurrence, anchor_on, first_on, last_on)
ON COMMIT DROP AS
{OPENED} UNION ALL {DEPARTED} UNION ALL {COMPLAINED} UNION ALL {LARGE} UNION ALL {FLOWED}
"""

# Clients of the last year's end that count, with what there is of them this year already.
_FROZEN = """
frozen AS (
    SELECT f.branch_id, f.client_id, COALESCE(m.merged_into_id, m.id) AS root_id, c.lifecycle,
           c.calls_refused
    FROM compliance_yearendclient f
    JOIN compliance_yearend y ON y.id = f.year_end_id AND y.year = %(year)s - 1
    JOIN clients_client m ON m.id = f.client_id
    JOIN clients_client c ON c.id = COALESCE(m.merged_into_id, m.id)
    WHERE f.left_out = ''),
known AS (
    SELECT COALESCE(c.merged_into_id, c.id) AS root_id
    FROM visits_callback k
    JOIN compliance_returnvisit r ON r.callback_id = k.id
    JOIN clients_client c ON c.id = k.client_id
    WHERE k.status = 'open' AND k.due_on < make_date(%(year)s + 1, 1, 1)
       OR k.status = 'done' AND r.visited_on >= make_date(%(year)s, 1, 1)
    GROUP BY 1)
"""

# Taken back because the client was closed, by no person: it comes back with the client.
_GONE = "(k.status = 'cancelled' AND k.cancelled_because <> 'person')"

# As many more as the share requires, chosen by a hash; clients who refuse calls come last.
YEARLY = f"""
WITH {_FROZEN},
missing AS (
    SELECT branch_id, ceil(b.clients * n.percent / 100.0)::integer - b.known AS clients
    FROM (SELECT f.branch_id, count(*) AS clients, count(n.root_id)::integer AS known
          FROM frozen f LEFT JOIN known n USING (root_id) GROUP BY f.branch_id) b
    JOIN compliance_numbers n USING (branch_id)
    WHERE n.percent IS NOT NULL),
chosen AS (
    SELECT f.root_id, f.branch_id, row_number() OVER (
        PARTITION BY f.branch_id
        ORDER BY f.calls_refused, md5(f.root_id || ':' || %(year)s)) AS place
    FROM frozen f
    WHERE f.lifecycle = 'client' AND f.root_id = f.client_id
      AND NOT EXISTS (SELECT FROM known n WHERE n.root_id = f.root_id)
      AND NOT EXISTS (SELECT FROM compliance_wanted w WHERE w.client_id = f.root_id
                      AND NOT EXISTS (SELECT FROM visits_callback k
                          WHERE k.client_id = w.client_id AND k.kind = 'compliance'
                            AND k.occurrence = w.occurrence AND NOT {_GONE}))
      AND NOT EXISTS (SELECT FROM visits_callback k WHERE k.client_id = f.root_id
                      AND k.kind = 'compliance' AND k.occurrence = 'year:' || %(year)s
                      AND NOT {_GONE}))
INSERT INTO compliance_wanted (client_id, reason, occurrence, anchor_on, first_on, last_on)
SELECT c.root_id, 'yearly', 'year:' || %(year)s, make_date(%(year)s - 1, 12, 31), %(today)s + 1,
       make_date(%(year)s, 12, 31)
FROM chosen c JOIN missing m USING (branch_id)
WHERE c.place <= m.clients
"""  # noqa: S608

# Placed on a trading day within first and last day; what is late stands for the next one. Answers
# how many were planned, those among them that came back with their client.
INSERT = f"""
WITH put AS (
INSERT INTO visits_callback AS k (
    client_id, employee_id, kind, occurrence, anchor_on, ideal_on, earliest_on, due_on, window_end,
    hard_limit_on, status, cancelled_because, reason, is_placed, is_backlog, over_capacity,
    confidential, attempts)
SELECT w.client_id, NULL, 'compliance', w.occurrence, w.anchor_on, w.first_on, p.day, p.day,
       GREATEST(w.last_on, p.day), w.last_on, 'open', '', '', false, false, false, true, 0
FROM compliance_wanted w
CROSS JOIN LATERAL (
    SELECT min(number) AS low, max(number) AS high FROM compliance_days
    WHERE day BETWEEN w.first_on AND w.last_on) span
JOIN compliance_days p ON p.number = COALESCE(
    span.low + mod(abs(hashtext(w.client_id || w.occurrence)::bigint),
                   GREATEST(1, CASE w.reason WHEN 'new_account' THEN span.high - span.low - 2
                                             ELSE span.high - span.low + 1 END))::integer, 1)
ON CONFLICT (client_id, kind, occurrence) DO UPDATE
SET status = 'open', cancelled_because = '', employee_id = NULL, earliest_on = EXCLUDED.earliest_on,
    due_on = EXCLUDED.due_on, window_end = EXCLUDED.window_end,
    hard_limit_on = EXCLUDED.hard_limit_on, merged_into_id = NULL
WHERE {_GONE}
RETURNING k.id),
back AS (
    INSERT INTO compliance_returnvisitstep (return_visit_id, action, words)
    SELECT r.id, 'planned', '' FROM put JOIN compliance_returnvisit r ON r.callback_id = put.id)
SELECT count(*) FROM put
"""  # noqa: S608

KEEP = """
WITH made AS (
    INSERT INTO compliance_returnvisit (callback_id, reason, is_returned)
    SELECT k.id, w.reason, false
    FROM compliance_wanted w
    JOIN visits_callback k ON k.client_id = w.client_id AND k.kind = 'compliance'
        AND k.occurrence = w.occurrence
    WHERE NOT EXISTS (SELECT FROM compliance_returnvisit r WHERE r.callback_id = k.id)
    RETURNING id)
INSERT INTO compliance_returnvisitstep (return_visit_id, action, words)
SELECT id, 'planned', '' FROM made
"""

# Several of one client and day are one contact: the first that somebody is to make leads, the others
# are merged into it. Those that were with one that is now led follow it there.
JOIN = """
UPDATE visits_callback k
SET status = 'merged', merged_into_id = l.id, employee_id = l.employee_id
FROM (SELECT DISTINCT ON (client_id, due_on) id, client_id, due_on, employee_id
      FROM visits_callback
      WHERE kind = 'compliance' AND status = 'open'
        AND (%(clients)s::bigint[] IS NULL OR client_id = ANY (%(clients)s::bigint[]))
      ORDER BY client_id, due_on, employee_id IS NULL, id) l
WHERE k.client_id = l.client_id AND k.due_on = l.due_on AND k.id <> l.id
  AND k.kind = 'compliance' AND k.status = 'open'
"""
FOLLOW = """
UPDATE visits_callback k SET merged_into_id = l.merged_into_id, employee_id = l.employee_id
FROM visits_callback l
WHERE l.id = k.merged_into_id AND l.status = 'merged' AND l.kind = 'compliance'
  AND k.status = 'merged' AND k.kind = 'compliance'
"""
PART = """
UPDATE visits_callback SET status = 'open', merged_into_id = NULL
WHERE kind = 'compliance' AND status = 'merged' AND client_id = ANY (%(clients)s::bigint[])
"""

# Unassign visitors who left, are no longer named, or have become the manager of the client.
RELEASE = """
UPDATE visits_callback k SET employee_id = NULL
FROM compliance_returnvisit r, staff_employee e
WHERE r.callback_id = k.id AND k.employee_id = e.id AND k.status = 'open'
  AND (NOT e.is_active
       OR EXISTS (SELECT FROM clients_assignment a
                  WHERE a.client_id = k.client_id AND a.employee_id = e.id)
       OR e.role <> 'compliance' AND NOT EXISTS (
           SELECT FROM compliance_returnvisitor v WHERE v.employee_id = e.id
             AND v.valid_from <= %(today)s AND (v.valid_to IS NULL OR v.valid_to > %(today)s)))
"""

# To somebody named for the nearest branch, spread evenly by a hash: not away on the day, not the
# manager's own substitute, and never somebody who serves or won the client.
GIVE = """
UPDATE visits_callback k SET employee_id = p.employee_id
FROM (
    SELECT k.id, v.employee_id
    FROM compliance_returnvisit r
    JOIN visits_callback k ON k.id = r.callback_id
    JOIN clients_client c ON c.id = k.client_id
    JOIN staff_branch b ON b.id = c.branch_id
    JOIN LATERAL (
        SELECT v.employee_id FROM compliance_returnvisitor v
        JOIN staff_branch vb ON vb.id = v.branch_id
        JOIN staff_employee e ON e.id = v.employee_id AND e.is_active
        WHERE v.valid_from <= %(today)s AND (v.valid_to IS NULL OR v.valid_to > %(today)s)
          AND starts_with(b.path, vb.path)
          AND NOT COALESCE(c.manager_id = ANY (e.covers), false)
          AND NOT EXISTS (SELECT FROM clients_assignment a
                          WHERE a.client_id = c.id AND a.employee_id = e.id)
          AND NOT EXISTS (SELECT FROM staff_absence x
                          WHERE x.employee_id = e.id AND x.cancelled_at IS NULL
                            AND k.due_on BETWEEN x.starts_on AND x.ends_on)
        ORDER BY length(vb.path) DESC, md5(c.id || ':' || e.id) LIMIT 1) v ON true
    WHERE k.status = 'open' AND k.employee_id IS NULL
      AND (%(callback)s::bigint IS NULL OR k.id = %(callback)s)) p
WHERE k.id = p.id
"""

# Whoever has visits due, with what is due today and overdue.
DUE = """
SELECT k.employee_id, count(*) FILTER (WHERE k.due_on = %(today)s),
       count(*) FILTER (WHERE k.due_on < %(today)s)
FROM compliance_returnvisit r JOIN visits_callback k ON k.id = r.callback_id
WHERE k.status = 'open' AND k.due_on <= %(today)s
  AND k.employee_id IS NOT NULL
GROUP BY k.employee_id ORDER BY k.employee_id
"""

# Officers with what waits in their scope, without the clients they serve or won: with nobody to act,
# overdue, to be reviewed.
WAITING = """
WITH waiting AS MATERIALIZED (
    SELECT c.id AS client_id, b.path, r.visited_by_id, k.status = 'done' AS review,
           k.status = 'open' AND k.employee_id IS NULL AS unassigned,
           k.status = 'open' AND k.due_on < %(today)s AS late
    FROM compliance_returnvisit r
    JOIN visits_callback k ON k.id = r.callback_id
    JOIN clients_client c ON c.id = k.client_id
    JOIN staff_branch b ON b.id = c.branch_id
    WHERE r.reviewed_by_id IS NULL AND k.merged_into_id IS NULL
      AND (k.status = 'done'
           OR k.status = 'open' AND (k.employee_id IS NULL OR k.due_on < %(today)s)))
SELECT e.id, count(*) FILTER (WHERE w.unassigned), count(*) FILTER (WHERE w.late),
       count(*) FILTER (WHERE w.review)
FROM staff_employee e
JOIN staff_branch own ON own.id = e.branch_id
JOIN waiting w ON starts_with(w.path, own.path)
    AND NOT (w.review AND w.visited_by_id = e.id)
    AND NOT EXISTS (SELECT FROM clients_assignment a
                    WHERE a.client_id = w.client_id AND a.employee_id = e.id)
WHERE e.is_active AND e.role = 'compliance'
GROUP BY e.id ORDER BY e.id
"""

FREEZE = """
INSERT INTO compliance_yearendclient (year_end_id, client_id, branch_id, left_out)
SELECT %(year_end)s, c.id, c.branch_id,
       CASE WHEN c.activity = 'dormant' THEN 'dormant'
            WHEN EXISTS (SELECT FROM clients_fundaccount a WHERE a.client_id = c.id)
             AND NOT EXISTS (SELECT FROM clients_fundaccount a WHERE a.client_id = c.id
                             AND (a.closed_on IS NULL OR a.closed_on > %(ends_on)s))
            THEN 'suspended' ELSE '' END
FROM clients_client c
WHERE c.lifecycle = 'client' AND c.merged_into_id IS NULL AND c.opened_on <= %(ends_on)s
ORDER BY c.branch_id, c.id
"""
