"""The SQL that joins several reasons into one contact and keeps contacts apart (docs/callbacks.md).

Steps of planning, as in ``statements``, and the statements that write what joins. ``gap`` and ``ahead`` are policies of the client's
branch, in days.
"""

from visits.planning.statements import IN_SCOPE

# Days that stand: set by a person, booked, or a birthday.
FIXED = f"""
SELECT k.client_id, k.kind, k.occurrence, k.due_on
FROM visits_callback k JOIN clients_client c ON c.id = k.client_id
WHERE k.status = 'open' AND k.kind IN ('manual', 'promise', 'appointment', 'number') AND {IN_SCOPE}
UNION ALL
SELECT k.client_id, k.kind, k.occurrence, k.due_on
FROM visits_linked w JOIN visits_callback k ON k.id = w.callback_id WHERE w.fixed
UNION ALL
SELECT client_id, kind, occurrence, earliest_on FROM visits_linked
WHERE kind = 'birthday' AND act IS DISTINCT FROM 'leave' AND NOT fixed
"""  # noqa: S608

# Smart skip: what falls due around a day that stands is said on that day; what is overdue stands
# for today, because that is when the client is called.
JOINED = """
SELECT w.*, f.kind AS lead_kind, f.occurrence AS lead_occurrence
FROM visits_linked w
LEFT JOIN (
    SELECT DISTINCT ON (w.client_id, w.kind, w.occurrence) w.client_id, w.kind AS own_kind,
           w.occurrence AS own, f.kind, f.occurrence
    FROM visits_linked w JOIN visits_fixed f ON f.client_id = w.client_id
    WHERE w.act IS DISTINCT FROM 'leave' AND NOT w.fixed AND w.kind <> 'birthday'
      AND (GREATEST(f.due_on, %(today)s)
               BETWEEN w.earliest_on - w.gap AND LEAST(w.window_end, w.hard_limit_on)
           OR f.due_on <= %(today)s AND w.earliest_on <= %(today)s + w.gap)
    ORDER BY w.client_id, w.kind, w.occurrence, abs(f.due_on - w.earliest_on), f.due_on,
             f.kind, f.occurrence
) f ON f.client_id = w.client_id AND f.own_kind = w.kind AND f.own = w.occurrence
"""

# Clients with several reasons left, each reason in its turn.
SEVERAL = """
SELECT client_id, kind, occurrence, earliest_on, window_end, hard_limit_on, ahead,
       row_number() OVER (PARTITION BY client_id ORDER BY earliest_on, hard_limit_on NULLS LAST,
                          kind, occurrence) AS turn
FROM (SELECT *, count(*) OVER (PARTITION BY client_id) AS reasons,
             EXISTS (SELECT FROM visits_fixed f WHERE f.client_id = w.client_id) AS beside
      FROM visits_joined w
      WHERE act IS DISTINCT FROM 'leave' AND NOT fixed AND lead_kind IS NULL
        AND kind <> 'birthday') w
WHERE reasons > 1 OR beside
"""

# The first reason of each client leads; those that begin soon after join it, and the next one leads
# again. All that is overdue is one contact with what is due now.
_GATHERED = """
SELECT client_id, kind, occurrence, window_end, hard_limit_on, turn,
       kind AS lead_kind, occurrence AS lead_occurrence, earliest_on AS lead_on
FROM visits_several WHERE turn = 1
UNION ALL
SELECT m.client_id, m.kind, m.occurrence, m.window_end, m.hard_limit_on, m.turn,
       CASE WHEN soon THEN g.lead_kind ELSE m.kind END,
       CASE WHEN soon THEN g.lead_occurrence ELSE m.occurrence END,
       CASE WHEN soon THEN g.lead_on ELSE m.earliest_on END
FROM gathered g
JOIN visits_several m ON m.client_id = g.client_id AND m.turn = g.turn + 1
CROSS JOIN LATERAL (
    SELECT GREATEST(m.earliest_on, %(today)s) <= GREATEST(g.lead_on, %(today)s) + m.ahead AS soon) s
"""

# Whoever leads keeps within all the windows, and off the next contact of the client by the gap.
LED = f"""
WITH RECURSIVE gathered AS ({_GATHERED})
SELECT w.client_id, w.kind, w.occurrence, w.employee_id, w.tier, w.segment_id, w.plan_id,
       w.anchor_on, w.ideal_on, w.is_backlog, w.earliest_on, w.callback_id, w.act, w.fixed,
       CASE WHEN NOT m.leads THEN m.lead_kind ELSE w.lead_kind END AS lead_kind,
       CASE WHEN NOT m.leads THEN m.lead_occurrence ELSE w.lead_occurrence END AS lead_occurrence,
       CASE WHEN m.leads THEN m.hard ELSE w.hard_limit_on END AS hard_limit_on,
       CASE WHEN m.leads
            THEN GREATEST(w.earliest_on, LEAST(m.ends_on, m.next_on - w.gap - 1))
            ELSE w.window_end END AS window_end
FROM visits_joined w
LEFT JOIN (
    SELECT m.client_id, m.kind, m.occurrence, m.lead_kind, m.lead_occurrence, g.hard, g.ends_on,
           (m.kind, m.occurrence) = (m.lead_kind, m.lead_occurrence) AS leads,
           LEAST(g.next_on, (SELECT min(f.due_on) FROM visits_fixed f
                             WHERE f.client_id = m.client_id AND f.due_on > g.lead_on)) AS next_on
    FROM gathered m
    JOIN (SELECT client_id, lead_kind, lead_occurrence, lead_on, min(window_end) AS ends_on,
                 min(hard_limit_on) AS hard,
                 lead(lead_on) OVER (PARTITION BY client_id ORDER BY lead_on) AS next_on
          FROM gathered GROUP BY client_id, lead_kind, lead_occurrence, lead_on) g
        USING (client_id, lead_kind, lead_occurrence)
) m ON m.client_id = w.client_id AND m.kind = w.kind AND m.occurrence = w.occurrence
"""  # noqa: S608

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
