"""The SQL that joins several reasons into one contact and keeps contacts apart (docs/callbacks.md).

Works on the temporary tables of ``planning_sql``. ``gap`` and ``ahead`` are policies of the client's
branch, in days.
"""

from visits.planning.statements import IN_SCOPE

# Days that stand: set by a person, booked, or a birthday.
FIXED = f"""
CREATE TEMP TABLE visits_fixed ON COMMIT DROP AS
SELECT k.client_id, k.kind, k.occurrence, k.due_on
FROM visits_callback k JOIN clients_client c ON c.id = k.client_id
WHERE k.status = 'open' AND k.kind IN ('manual', 'promise', 'appointment') AND {IN_SCOPE}
UNION ALL
SELECT k.client_id, k.kind, k.occurrence, k.due_on
FROM visits_wanted w JOIN visits_callback k ON k.id = w.callback_id WHERE w.fixed
UNION ALL
SELECT client_id, kind, occurrence, earliest_on FROM visits_wanted
WHERE kind = 'birthday' AND act IS DISTINCT FROM 'leave' AND NOT fixed;
CREATE INDEX ON visits_fixed (client_id);
ANALYZE visits_fixed
"""  # noqa: S608

# Smart skip: what falls due around a day that stands is said on that day; what is overdue stands
# for today, because that is when the client is called.
JOIN_FIXED = """
UPDATE visits_wanted w SET lead_kind = f.kind, lead_occurrence = f.occurrence
FROM (
    SELECT DISTINCT ON (w.client_id, w.kind, w.occurrence) w.client_id, w.kind AS own_kind,
           w.occurrence AS own, f.kind, f.occurrence
    FROM visits_wanted w JOIN visits_fixed f ON f.client_id = w.client_id
    WHERE w.act IS DISTINCT FROM 'leave' AND NOT w.fixed AND w.kind <> 'birthday'
      AND (GREATEST(f.due_on, %(today)s)
               BETWEEN w.earliest_on - w.gap AND LEAST(w.window_end, w.hard_limit_on)
           OR f.due_on <= %(today)s AND w.earliest_on <= %(today)s + w.gap)
    ORDER BY w.client_id, w.kind, w.occurrence, abs(f.due_on - w.earliest_on), f.due_on,
             f.kind, f.occurrence
) f
WHERE w.client_id = f.client_id AND w.kind = f.own_kind AND w.occurrence = f.own
"""

# Clients with several reasons left, to be gathered round by round.
SEVERAL = """
CREATE TEMP TABLE visits_several ON COMMIT DROP AS
SELECT client_id, kind, occurrence, earliest_on, window_end, hard_limit_on, ahead,
       NULL::text AS lead_kind, NULL::text AS lead_occurrence, NULL::date AS lead_on
FROM (SELECT *, count(*) OVER (PARTITION BY client_id) AS reasons,
             EXISTS (SELECT FROM visits_fixed f WHERE f.client_id = w.client_id) AS beside
      FROM visits_wanted w
      WHERE act IS DISTINCT FROM 'leave' AND NOT fixed AND lead_kind IS NULL
        AND kind <> 'birthday') w
WHERE reasons > 1 OR beside
"""

# The first reason of each client leads; those that begin soon after join it. All that is overdue
# is one contact with what is due now.
GATHER = """
UPDATE visits_several m
SET lead_kind = l.kind, lead_occurrence = l.occurrence, lead_on = l.earliest_on
FROM (SELECT DISTINCT ON (client_id) client_id, kind, occurrence, earliest_on
      FROM visits_several WHERE lead_kind IS NULL
      ORDER BY client_id, earliest_on, hard_limit_on NULLS LAST, kind, occurrence) l
WHERE m.client_id = l.client_id AND m.lead_kind IS NULL
  AND GREATEST(m.earliest_on, %(today)s) <= GREATEST(l.earliest_on, %(today)s) + m.ahead
"""

# The leading callback stays within all windows, and away from the client's next contact by the gap.
LEAD = """
UPDATE visits_wanted w
SET lead_kind = CASE WHEN m.leads THEN NULL ELSE m.lead_kind END,
    lead_occurrence = CASE WHEN m.leads THEN NULL ELSE m.lead_occurrence END,
    hard_limit_on = CASE WHEN m.leads THEN m.hard ELSE w.hard_limit_on END,
    window_end = CASE WHEN m.leads
        THEN GREATEST(w.earliest_on, LEAST(m.ends_on, m.next_on - w.gap - 1))
        ELSE w.window_end END
FROM (
    SELECT m.client_id, m.kind, m.occurrence, m.lead_kind, m.lead_occurrence, g.hard, g.ends_on,
           (m.kind, m.occurrence) = (m.lead_kind, m.lead_occurrence) AS leads,
           LEAST(g.next_on, (SELECT min(f.due_on) FROM visits_fixed f
                             WHERE f.client_id = m.client_id AND f.due_on > g.lead_on)) AS next_on
    FROM visits_several m
    JOIN (SELECT client_id, lead_kind, lead_occurrence, lead_on, min(window_end) AS ends_on,
                 min(hard_limit_on) AS hard,
                 lead(lead_on) OVER (PARTITION BY client_id ORDER BY lead_on) AS next_on
          FROM visits_several GROUP BY client_id, lead_kind, lead_occurrence, lead_on) g
        USING (client_id, lead_kind, lead_occurrence)
) m
WHERE w.client_id = m.client_id AND w.kind = m.kind AND w.occurrence = m.occurrence
"""

# Away for the whole window: the substitute makes the call.
SUBSTITUTE = """
UPDATE visits_wanted w SET employee_id = a.substitute_id
FROM visits_away a
WHERE a.employee_id = w.employee_id AND a.substitute_id IS NOT NULL
  AND GREATEST(w.earliest_on, %(today)s) BETWEEN a.starts_on AND a.ends_on
  AND GREATEST(w.window_end, %(today)s) <= a.ends_on
"""

# One contact for several reasons: those that join point to the open row that is worked.
_LED = """
FROM visits_wanted w
JOIN visits_callback l ON l.client_id = w.client_id AND l.kind = w.lead_kind
    AND l.occurrence = w.lead_occurrence AND l.status = 'open'
"""
JOIN = f"""
UPDATE visits_callback k
SET status = 'merged', merged_into_id = l.id, cancelled_because = '', over_capacity = false,
    due_on = w.earliest_on, ideal_on = w.ideal_on, earliest_on = w.earliest_on,
    window_end = w.window_end, hard_limit_on = w.hard_limit_on, employee_id = l.employee_id,
    plan_id = w.plan_id, is_backlog = w.is_backlog, is_placed = false
{_LED}
WHERE w.act = 'join' AND k.id = w.callback_id AND l.id <> k.id AND k.status <> 'done'
  AND k.cancelled_because <> 'person'
  AND (k.status, k.merged_into_id, k.ideal_on, k.earliest_on, k.window_end, k.employee_id)
      IS DISTINCT FROM
      ('merged', l.id, w.ideal_on, w.earliest_on, w.window_end, l.employee_id)
"""  # noqa: S608
INSERT_JOINED = f"""
INSERT INTO visits_callback (
    client_id, employee_id, kind, occurrence, plan_id, anchor_on, ideal_on, earliest_on, due_on,
    window_end, hard_limit_on, status, merged_into_id, cancelled_because, reason, is_placed,
    is_backlog, over_capacity, confidential, attempts)
SELECT w.client_id, l.employee_id, w.kind, w.occurrence, w.plan_id, w.anchor_on, w.ideal_on,
       w.earliest_on, w.earliest_on, w.window_end, w.hard_limit_on, 'merged', l.id, '', '', false,
       w.is_backlog, false, false, 0
{_LED}
WHERE w.act = 'join' AND w.callback_id IS NULL
ORDER BY w.client_id
ON CONFLICT DO NOTHING
"""

# What the worked rows are for besides, as the lists show it.
ALSO = f"""
UPDATE visits_callback k SET also = n.kinds
FROM (SELECT k.id, COALESCE(array_agg(DISTINCT j.kind ORDER BY j.kind)
                            FILTER (WHERE j.id IS NOT NULL), '{{}}') AS kinds
      FROM visits_callback k
      JOIN clients_client c ON c.id = k.client_id
      LEFT JOIN visits_callback j ON j.merged_into_id = k.id AND j.status = 'merged'
      WHERE k.status = 'open' AND (k.also <> '{{}}' OR j.id IS NOT NULL) AND {IN_SCOPE}
      GROUP BY k.id) n
WHERE k.id = n.id AND k.also <> n.kinds
"""  # noqa: S608
