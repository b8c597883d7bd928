"""The SQL of planning: what is wanted, from state alone (docs/callbacks.md#planning).

What is wanted is worked out step by step; a step is a query that reads the steps before it by their
names (``steps``). The other statements read ``visits_wanted``, ``visits_placed`` and
``visits_away`` and write callbacks.

Parameters: ``today`` (business date that decides which plan is in force), ``zone``, ``clients``
(keys or NULL), ``segment`` (key or NULL), ``computed_closed_days`` (of years whose list of holidays is
not published), and policies of the client's branch, as ``_paths`` and
``_values``: ``call_days`` and ``window_months`` (for new accounts), ``expiry_days`` (how long before
an expiry a client is asked), ``gap`` (fewest days between two contacts of a client) and ``ahead``
(how many days early a reason may join another's contact); ``birthday_places``, ``birthday_lunar`` and
``birthday_days`` (the birthdays of these weeks).
"""

from staff.policies import nearest
from visits.planning.day_statements import NEW_ACCOUNT, STEP
from visits.planning.reason_statements import BIRTHDAYS

# The policies, by the names of their parameters.
POLICIES = ("capacity", "call_days", "window_months", "expiry_days", "gap", "ahead")

# The calendar date of the nth contact after the anchor; equal to cadence.due_date. PostgreSQL
# clamps month ends as that function does.
IDEAL = """(anchor_on + CASE unit WHEN 'month' THEN make_interval(months => every * nth)
                                  ELSE make_interval(days => every * nth) END)::date"""

IN_SCOPE = """(%(clients)s::bigint[] IS NULL OR c.id = ANY (%(clients)s::bigint[]))
      AND (%(segment)s::bigint IS NULL OR c.segment_id = %(segment)s)"""

# Who is away, from when to when, and who stands in.
AWAY = """
SELECT a.employee_id, a.starts_on, a.ends_on, s.id AS substitute_id
FROM staff_absence a LEFT JOIN staff_employee s ON s.id = a.substitute_id AND s.is_active
WHERE a.cancelled_at IS NULL AND a.ends_on >= %(today)s
"""

# Each plan with the day since which its cadence has been in force: a plan that changed the script or
# the hour of reminding alone goes on with the cadence of the one before it.
PLANS = """
SELECT *, max(valid_from) FILTER (WHERE begins)
              OVER (PARTITION BY segment_id ORDER BY valid_from, id) AS cadence_since
FROM (SELECT *, (every, unit, valid_from) IS DISTINCT FROM
                (lag(every) OVER versions, lag(unit) OVER versions, lag(valid_to) OVER versions)
                    AS begins
      FROM visits_callbackplan WHERE valid_to IS NULL OR valid_to > valid_from
      WINDOW versions AS (PARTITION BY segment_id ORDER BY valid_from, id)) v
"""

# The numbers that hold in each branch; for a few clients those of their branches.
NUMBERS = f"""
SELECT b.id AS branch_id, {nearest("gap")}::integer AS gap, {nearest("ahead")}::integer AS ahead,
       {nearest("call_days")}::integer AS new_days,
       {nearest("window_months")}::integer AS new_months,
       {nearest("expiry_days")}::integer AS expiry_days
FROM staff_branch b
WHERE %(clients)s::bigint[] IS NULL
   OR b.id IN (SELECT branch_id FROM clients_client WHERE id = ANY (%(clients)s::bigint[]))
"""  # noqa: S608

# Calls that a person cancelled, by what they were counted from.
SKIPPED = """
SELECT client_id, anchor_on, count(*)::integer AS times
FROM visits_callback
WHERE kind = 'cadence' AND cancelled_because = 'person'
  AND (%(clients)s::bigint[] IS NULL OR client_id = ANY (%(clients)s::bigint[]))
GROUP BY client_id, anchor_on
"""

# Clients in scope with their plan in force, what their cadence counts from, and since when the
# reason to call them has been known here. Whoever wants no calls is planned by other channels only.
# A call that a person cancelled is skipped: the cadence goes on with the next after it.
BASE = f"""
WITH numbers AS MATERIALIZED ({NUMBERS}), clients AS (
    SELECT c.id AS client_id, c.manager_id AS employee_id, s.tier, c.segment_id,
           p.id AS plan_id, p.every, p.unit, p.window_days, p.shift, c.lifecycle, c.opened_on,
           c.activity, c.activity_on, c.last_contact_on,
           COALESCE(c.lunar_birthday, EXTRACT(month FROM c.birthday) * 100
                                      + EXTRACT(day FROM c.birthday))::smallint AS birthday,
           c.lunar_birthday IS NOT NULL AS lunar, (c.created_at AT TIME ZONE %(zone)s)::date AS created_on,
           COALESCE(c.last_contact_on,
                    CASE c.lifecycle WHEN 'client' THEN c.opened_on END,
                    c.recorded_on) AS anchor_on,
           GREATEST((c.created_at AT TIME ZONE %(zone)s)::date, p.cadence_since, c.segment_since)
               AS known_on,
           n.gap, n.ahead, n.new_days, n.new_months, n.expiry_days
    FROM clients_client c
    JOIN clients_segment s ON s.id = c.segment_id
    JOIN numbers n ON n.branch_id = c.branch_id
    LEFT JOIN ({PLANS}) p ON p.segment_id = c.segment_id
        AND p.valid_from <= %(today)s AND (p.valid_to IS NULL OR p.valid_to > %(today)s)
    WHERE c.merged_into_id IS NULL AND c.lifecycle <> 'closed' AND {IN_SCOPE}
      AND NOT (c.calls_refused AND COALESCE(p.channel, 'phone') = 'phone')
)
SELECT *, {IDEAL} AS ideal_on
FROM (SELECT c.*, 1 + COALESCE(s.times, 0) AS nth
      FROM clients c LEFT JOIN ({SKIPPED}) s USING (client_id, anchor_on)) b
"""  # noqa: S608

# Everything that is a reason to call a client, each with its days.
REASONS = f"""
SELECT w.client_id, w.kind, w.occurrence, w.employee_id, w.tier, w.segment_id, w.plan_id,
       w.anchor_on, w.ideal_on, w.hard_limit_on, w.is_backlog, w.known_on,
       GREATEST(CASE WHEN w.is_backlog THEN k.next_on ELSE w.natural_on END, g.next_on)
           AS earliest_on,
       GREATEST(CASE WHEN w.hard_limit_on IS NOT NULL THEN w.hard_limit_on
                     WHEN w.is_backlog THEN (k.next_on + w.step)::date
                     ELSE w.natural_on + w.window_days END, g.next_on) AS window_end,
       w.gap, w.ahead
FROM (
    SELECT b.client_id, 'cadence' AS kind,
           to_char(b.anchor_on, 'YYYY-MM-DD') || ':' || b.nth AS occurrence,
           b.employee_id, b.tier, b.segment_id, b.plan_id, b.anchor_on, b.ideal_on,
           CASE b.shift WHEN 'before' THEN GREATEST(d.before_on, a.next_on) ELSE d.next_on END
               AS natural_on,
           NULL::date AS hard_limit_on, b.window_days, b.known_on,
           {STEP} AS step,
           b.ideal_on < b.known_on AS is_backlog, NULL::date AS gap_on, b.gap, b.ahead
    FROM visits_base b JOIN visits_calendar d ON d.day = b.ideal_on
    LEFT JOIN visits_calendar a ON b.shift = 'before' AND a.day = b.anchor_on + 1
    UNION ALL
    SELECT b.client_id, 'new_account', 'opened:' || to_char(b.opened_on, 'YYYY-MM-DD'),
           b.employee_id, b.tier, b.segment_id, b.plan_id, b.opened_on, d.day, d.day,
           (b.opened_on + make_interval(months => b.new_months))::date, 0, b.created_on,
           interval '0', d.day < b.created_on AND b.created_on <= l.before_on, NULL, b.gap, b.ahead
    FROM visits_base b
    JOIN visits_calendar o ON o.day = b.opened_on
    JOIN visits_calendar l
        ON l.day = LEAST((b.opened_on + make_interval(months => b.new_months))::date,
                         (SELECT max(day) FROM visits_calendar))
    JOIN visits_calendar d ON d.trading AND d.number = LEAST(o.number + b.new_days, l.number)
    WHERE {NEW_ACCOUNT}
    UNION ALL
    SELECT b.client_id, 'expiry', e.occurrence, b.employee_id, b.tier, b.segment_id, b.plan_id,
           e.expires_on, e.expires_on - b.expiry_days, d.next_on, NULL::date,
           COALESCE(b.window_days, 10), b.created_on, interval '30 days',
           e.expires_on - b.expiry_days < b.created_on, b.last_contact_on + b.gap, b.gap, b.ahead
    FROM visits_base b
    JOIN visits_expiring e ON e.client_id = b.client_id
        AND e.expires_on - b.expiry_days <= %(today)s + 30
    LEFT JOIN visits_calendar d ON d.day = e.expires_on - b.expiry_days
    UNION ALL
    SELECT b.client_id, e.kind, e.occurrence, b.employee_id, b.tier, b.segment_id, b.plan_id,
           e.happened_on, d.day, d.day, NULL, e.window_days, e.known_on,
           make_interval(days => e.window_days), d.day < e.known_on,
           b.last_contact_on + b.gap, b.gap, b.ahead
    FROM visits_base b
    JOIN visits_events e ON e.client_id = b.client_id
    JOIN visits_calendar o ON o.day = e.happened_on
    JOIN visits_calendar d ON d.trading AND d.number = o.number + e.call_days
    UNION ALL
    SELECT b.client_id, 'birthday', 'birthday:' || to_char(y.day, 'YYYY-MM-DD'), b.employee_id, b.tier,
           b.segment_id, b.plan_id, y.day, y.day, d.day, NULL, t.window_days, b.known_on,
           interval '0', false, NULL, b.gap, b.ahead
    FROM visits_base b
    JOIN ({BIRTHDAYS}) y ON y.place = b.birthday AND y.lunar = b.lunar
    JOIN visits_trigger t ON t.cause = 'birthday' AND t.is_active
    JOIN visits_calendar o ON o.day = y.day
    JOIN visits_calendar d ON d.trading AND d.number = o.number - t.call_days
    WHERE y.day > b.created_on
) w
LEFT JOIN visits_calendar k ON w.is_backlog AND k.day = w.known_on
LEFT JOIN visits_calendar g ON g.day = w.gap_on
"""  # noqa: S608

# A cadence that is new to a client makes no backlog of what was known before: a row of the same
# calendar date keeps its window, and what was overdue on the day of the change stays so.
_KNOWN = """w.is_backlog AND k.status IN ('open', 'merged')
    AND (k.due_on < w.known_on OR (k.ideal_on = w.ideal_on AND NOT k.is_backlog))"""

# Each reason beside the row that the table has of it. A row that a person placed stays.
LINKED = f"""
SELECT w.client_id, w.kind, w.occurrence, w.employee_id, w.tier, w.segment_id, w.plan_id,
       w.anchor_on, w.hard_limit_on, w.gap, w.ahead, k.id AS callback_id,
       CASE WHEN k.status = 'done' OR k.cancelled_because = 'person' THEN 'leave' END AS act,
       COALESCE(k.is_placed AND k.status = 'open', false) AS fixed,
       CASE WHEN {_KNOWN} THEN k.is_backlog ELSE w.is_backlog END AS is_backlog,
       CASE WHEN {_KNOWN} THEN k.ideal_on ELSE w.ideal_on END AS ideal_on,
       CASE WHEN {_KNOWN} THEN k.earliest_on ELSE w.earliest_on END AS earliest_on,
       CASE WHEN {_KNOWN} THEN k.window_end ELSE w.window_end END AS window_end
FROM visits_reasons w
LEFT JOIN visits_callback k
    ON k.client_id = w.client_id AND k.kind = w.kind AND k.occurrence = w.occurrence
"""  # noqa: S608

# What is to be done about each reason. An open row keeps its day while what gave it that day stands;
# a new version of the plan that changes nothing else is a new name. Where the employee is away for
# the whole window, the substitute makes the call.
WANTED = """
SELECT w.client_id, w.kind, w.occurrence, w.employee_id, w.tier, w.segment_id, w.plan_id,
       w.anchor_on, w.ideal_on, w.hard_limit_on, w.is_backlog, w.earliest_on, w.window_end,
       w.lead_kind, w.lead_occurrence, w.callback_id,
       CASE
    WHEN w.act IS NOT NULL THEN w.act
    WHEN w.lead_kind IS NOT NULL THEN 'join'
    WHEN k.id IS NULL THEN 'insert'
    WHEN k.status = 'cancelled' THEN 'reopen'
    WHEN k.status = 'merged' THEN 'move'
    WHEN w.fixed
         OR (k.ideal_on = w.ideal_on AND k.employee_id IS NOT DISTINCT FROM w.employee_id
             AND k.hard_limit_on IS NOT DISTINCT FROM w.hard_limit_on
             AND ((k.is_backlog AND k.due_on <= GREATEST(w.window_end, w.earliest_on))
                  OR (k.earliest_on = w.earliest_on AND k.window_end = w.window_end))
             AND COALESCE(d.trading, true)
             AND NOT EXISTS (SELECT FROM visits_away a WHERE a.employee_id = k.employee_id
                             AND k.due_on BETWEEN a.starts_on AND a.ends_on))
        THEN CASE WHEN k.plan_id IS DISTINCT FROM w.plan_id THEN 'rename' ELSE 'keep' END
    ELSE 'move' END AS act
FROM (
    SELECT w.client_id, w.kind, w.occurrence, w.tier, w.segment_id, w.plan_id, w.anchor_on,
           w.ideal_on, w.hard_limit_on, w.is_backlog, w.earliest_on, w.window_end, w.lead_kind,
           w.lead_occurrence, w.callback_id, w.act, w.fixed,
           COALESCE((SELECT a.substitute_id FROM visits_away a
                     WHERE a.employee_id = w.employee_id AND a.substitute_id IS NOT NULL
                       AND GREATEST(w.earliest_on, %(today)s) BETWEEN a.starts_on AND a.ends_on
                       AND GREATEST(w.window_end, %(today)s) <= a.ends_on
                     ORDER BY a.starts_on, a.ends_on, a.substitute_id LIMIT 1),
                    w.employee_id) AS employee_id
    FROM visits_led w
) w
LEFT JOIN visits_callback k ON k.id = w.callback_id
LEFT JOIN visits_calendar d ON d.day = k.due_on
"""
# The columns of visits_wanted, as they travel without a table.
WANTED_COLUMNS = """
client_id bigint, kind text, occurrence text, employee_id bigint, tier integer, segment_id bigint,
plan_id bigint, anchor_on date, ideal_on date, hard_limit_on date, is_backlog boolean,
earliest_on date, window_end date, lead_kind text, lead_occurrence text, callback_id bigint, act text
"""
# Those of visits_placed.
PLACED_COLUMNS = """
client_id bigint, kind text, occurrence text, due_on date, over_capacity boolean
"""

# Whose day a person sets, or another room: the planner never cancels or joins them.
OTHERS = "('manual', 'promise', 'appointment', 'number', 'compliance')"

# Nothing is to be corrected once the client has a number again; what was joined with it is open then.
SETTLE_NUMBERS = """
UPDATE visits_callback k SET status = 'cancelled', cancelled_because = 'not_due'
WHERE k.kind = 'number' AND k.status = 'open'
  AND (%(clients)s::bigint[] IS NULL OR k.client_id = ANY (%(clients)s))
  AND EXISTS (SELECT FROM clients_phone p WHERE p.client_id = k.client_id AND p.valid_to IS NULL)
"""

# What is younger was made by a visit or an occasion while the run went on: the run knows no reason
# of it and leaves it alone.
LAST = "SELECT COALESCE(max(id), 0) FROM visits_callback"

# Open rows of the scope that nothing wants any more; all of them where the client is closed. They
# are found by a join: a NOT EXISTS beside an OR looks at every wanted row for each callback as
# soon as a million of them do not fit in memory.
CANCEL = f"""
UPDATE visits_callback k
SET status = 'cancelled', cancelled_because = CASE
        WHEN k.kind IN ('cadence', 'new_account') AND c.last_contact_on > k.anchor_on
            THEN 'contacted'
        WHEN k.kind NOT IN {OTHERS} AND c.calls_refused THEN 'refused'
        ELSE 'not_due' END
FROM clients_client c, (
    SELECT k.id
    FROM visits_callback k
    JOIN clients_client c ON c.id = k.client_id
    LEFT JOIN visits_wanted w
        ON w.client_id = k.client_id AND w.kind = k.kind AND w.occurrence = k.occurrence
    WHERE k.status IN ('open', 'merged') AND k.id <= %(last)s AND {IN_SCOPE}
      AND (c.lifecycle = 'closed' OR c.merged_into_id IS NOT NULL
           OR (k.kind NOT IN {OTHERS} AND w.client_id IS NULL))
) gone
WHERE k.id = gone.id AND k.client_id = c.id AND k.status IN ('open', 'merged')
"""  # noqa: S608

_PLACED = "act IN ('insert', 'move', 'reopen')"
# How many rows the table has of what is wanted, what is to be done at all, days and employees of
# what has to be placed, and the daily share of each segment whose plan limits it.
SUMMARY = f"""
SELECT count(w.callback_id) FILTER (WHERE w.act <> 'leave'),
       COALESCE(array_agg(DISTINCT w.act), '{{}}'),
       min(w.earliest_on) FILTER (WHERE {_PLACED}),
       max(GREATEST(w.window_end, w.earliest_on)) FILTER (WHERE {_PLACED}),
       COALESCE(array_agg(DISTINCT w.employee_id)
                FILTER (WHERE {_PLACED} AND w.employee_id IS NOT NULL), '{{}}'),
       ARRAY (SELECT ARRAY[p.segment_id, p.daily_capacity] FROM visits_callbackplan p
              WHERE p.daily_capacity > 0 AND p.valid_from <= %(today)s
                AND (p.valid_to IS NULL OR p.valid_to > %(today)s) ORDER BY p.valid_from)
"""  # noqa: S608
TO_PLACE = f"""
SELECT w.client_id, w.kind, w.occurrence, w.employee_id, w.segment_id, w.earliest_on,
       w.window_end
FROM visits_wanted w
WHERE {_PLACED}
ORDER BY w.hard_limit_on NULLS LAST, w.tier, w.earliest_on, w.ideal_on, w.client_id, w.kind,
         w.occurrence
"""  # noqa: S608

# Calls that the employees concerned have on each day already.
LOAD = """
SELECT k.employee_id, c.segment_id, k.due_on, count(*)
FROM visits_callback k JOIN clients_client c ON c.id = k.client_id
WHERE k.status IN ('open', 'done') AND k.due_on BETWEEN %(first_on)s AND %(last_on)s
  AND k.employee_id = ANY (%(employees)s)
  AND NOT EXISTS (SELECT FROM visits_wanted w WHERE w.callback_id = k.id AND w.act IN ('move', 'join'))
GROUP BY k.employee_id, c.segment_id, k.due_on
"""

# What a trading day of each employee holds, and when they are away.
PEOPLE = f"""
SELECT b.id, {nearest("capacity")}::integer, ARRAY (
           SELECT ARRAY[a.starts_on, a.ends_on] FROM visits_away a WHERE a.employee_id = b.id)
FROM (SELECT e.id, COALESCE(b.path, '/') AS path
      FROM staff_employee e LEFT JOIN staff_branch b ON b.id = e.branch_id
      WHERE e.id = ANY (%(employees)s)) b
"""  # noqa: S608

# Seen again under the row's lock: a visit or a snooze of this very moment wins.
MOVE = """
UPDATE visits_callback k
SET status = 'open', cancelled_because = '', due_on = p.due_on, ideal_on = w.ideal_on,
    earliest_on = w.earliest_on, window_end = w.window_end, hard_limit_on = w.hard_limit_on,
    employee_id = w.employee_id, plan_id = w.plan_id, is_backlog = w.is_backlog,
    over_capacity = p.over_capacity, is_placed = false, merged_into_id = NULL
FROM visits_wanted w
JOIN visits_placed p USING (client_id, kind, occurrence)
WHERE k.id = w.callback_id
  AND ((w.act = 'move' AND k.status IN ('open', 'merged') AND NOT k.is_placed)
       OR (w.act = 'reopen' AND k.status = 'cancelled' AND k.cancelled_because <> 'person'))
  AND (k.status, k.due_on, k.ideal_on, k.earliest_on, k.window_end, k.employee_id,
       k.over_capacity) IS DISTINCT FROM
      ('open', p.due_on, w.ideal_on, w.earliest_on, w.window_end, w.employee_id, p.over_capacity)
"""

INSERT = """
INSERT INTO visits_callback (
    client_id, employee_id, kind, occurrence, plan_id, anchor_on, ideal_on, earliest_on, due_on,
    window_end, hard_limit_on, status, cancelled_because, reason, is_placed, is_backlog,
    over_capacity, confidential, attempts)
SELECT w.client_id, w.employee_id, w.kind, w.occurrence, w.plan_id, w.anchor_on, w.ideal_on,
       w.earliest_on, p.due_on, w.window_end, w.hard_limit_on, 'open', '', '', false,
       w.is_backlog, p.over_capacity, false, 0
FROM visits_wanted w
JOIN visits_placed p USING (client_id, kind, occurrence)
WHERE w.act = 'insert'
ORDER BY w.employee_id, p.due_on, w.client_id
ON CONFLICT DO NOTHING
"""

# Rows by hand and snoozed ones keep their day but go with whoever serves the client, or with the
# substitute while that one is away; what was given to somebody stays with them.
FOLLOW = f"""
UPDATE visits_callback k SET employee_id = n.employee_id
FROM (SELECT k.id, COALESCE(a.substitute_id, c.manager_id) AS employee_id
      FROM visits_callback k
      JOIN clients_client c ON c.id = k.client_id
      LEFT JOIN LATERAL (SELECT a.substitute_id FROM visits_away a
                         WHERE a.employee_id = c.manager_id
                           AND k.due_on BETWEEN a.starts_on AND a.ends_on LIMIT 1) a ON true
      WHERE k.status = 'open' AND (k.kind IN ('manual', 'promise', 'appointment', 'number') OR k.is_placed)
        AND k.kind <> 'compliance' AND NOT k.is_reassigned AND {IN_SCOPE}) n
WHERE k.id = n.id AND k.employee_id IS DISTINCT FROM n.employee_id
"""  # noqa: S608

# A new version of a plan that changes nothing of a row is the row's plan from now on.
RENAME_PLAN = """
UPDATE visits_callback k SET plan_id = w.plan_id
FROM visits_wanted w
WHERE k.id = w.callback_id AND w.act = 'rename' AND k.status = 'open'
  AND k.plan_id IS DISTINCT FROM w.plan_id
"""

# How many clients of a segment had which calendar date, seen from a day of the past.
HISTORY = f"""
SELECT segment_id, CASE WHEN every IS NOT NULL THEN {IDEAL} END AS ideal_on, count(*)
FROM (
    SELECT c.segment_id, p.every, p.unit, 1 AS nth,
           COALESCE((SELECT max(v.occurred_on) FROM visits_visit v
                     WHERE v.client_id = c.id AND v.reached AND NOT v.void AND NOT v.confidential
                       AND v.occurred_on <= %(as_of)s),
                    CASE WHEN c.lifecycle = 'client' AND c.opened_on <= %(as_of)s
                         THEN c.opened_on END,
                    c.recorded_on) AS anchor_on
    FROM clients_client c
    LEFT JOIN visits_callbackplan p ON p.segment_id = c.segment_id AND p.valid_to IS NULL
    WHERE c.merged_into_id IS NULL AND c.lifecycle <> 'closed'
      AND LEAST(c.opened_on, c.recorded_on) <= %(as_of)s
      AND (%(segment)s::bigint IS NULL OR c.segment_id = %(segment)s)
) known
GROUP BY 1, 2
"""  # noqa: S608
