"""The SQL of reasons to call besides the cadence: what expires, what happened, birthdays.

Parts of visits/planning/statements.py, with its parameters.
"""

# What is about to expire or has: the risk test of a client with an account, and identity papers. Each
# expiry is one occurrence, so a renewed paper asks again only when the new one ends. As early as any
# branch asks; which ones it is time for in the client's own, ``statements`` says.
_EARLIEST = "(SELECT max(value)::integer FROM unnest(%(expiry_days_values)s::numeric[]) value)"
EXPIRING = f"""
SELECT c.id AS client_id, 'risk:' || to_char(c.risk_expires_on, 'YYYY-MM-DD') AS occurrence,
       c.risk_expires_on AS expires_on
FROM clients_client c
WHERE c.lifecycle = 'client' AND c.risk_grade <> ''
  AND c.risk_expires_on <= %(today)s + 30 + {_EARLIEST}
  AND (%(clients)s::bigint[] IS NULL OR c.id = ANY (%(clients)s::bigint[]))
UNION ALL
SELECT i.client_id, 'paper:' || i.id || ':' || to_char(i.expires_on, 'YYYY-MM-DD'), i.expires_on
FROM clients_identity i
WHERE i.valid_to IS NULL AND i.expires_on <= %(today)s + 30 + {_EARLIEST}
  AND (%(clients)s::bigint[] IS NULL OR i.client_id = ANY (%(clients)s::bigint[]))
"""  # noqa: S608

# Months of figures that are still news, and how long an occasion is.
NEWS_DAYS = 62
OCCASION_DAYS = 366

# What happened to clients that is a reason to call (visits_trigger): occasions somebody noted,
# accounts that became dormant, large flows. ``known_on`` is the day on which we learnt of it. What
# was done or dropped at a client before they were merged is not asked of the survivor again.
EVENTS = f"""
SELECT COALESCE(m.merged_into_id, m.id) AS client_id, o.kind, 'occasion:' || o.id AS occurrence,
       o.happened_on, (o.noted_at AT TIME ZONE %(zone)s)::date AS known_on,
       t.call_days, t.window_days
FROM visits_occasion o JOIN visits_trigger t ON t.cause = o.kind AND t.is_active
JOIN clients_client m ON m.id = o.client_id
WHERE NOT o.void AND o.happened_on > %(today)s - {OCCASION_DAYS}
  AND (%(clients)s::bigint[] IS NULL OR m.id = ANY (%(clients)s::bigint[])
       OR m.merged_into_id = ANY (%(clients)s::bigint[]))
  AND (m.merged_into_id IS NULL OR 0 = (  -- counted, since an EXISTS may read every callback
       SELECT count(*) FROM visits_callback k
       WHERE k.client_id = m.id AND k.kind = o.kind AND k.occurrence = 'occasion:' || o.id
         AND (k.status = 'done' OR k.cancelled_because = 'person')))
UNION ALL
SELECT b.client_id, 'dormant', b.activity || ':' || to_char(b.activity_on, 'YYYY-MM-DD'),
       b.activity_on, b.activity_on, t.call_days, t.window_days
FROM visits_base b JOIN visits_trigger t ON t.cause = b.activity AND t.is_active
WHERE b.lifecycle = 'client' AND b.activity_on > %(today)s - {OCCASION_DAYS}
UNION ALL
SELECT f.client_id, 'flow', 'flow:' || to_char(f.month, 'YYYY-MM'),
       f.as_of, f.as_of, f.call_days, f.window_days
FROM (
    SELECT COALESCE(c.merged_into_id, c.id) AS client_id, m.month, max(m.as_of) AS as_of,
           t.call_days, t.window_days
    FROM clients_monthlyfigure m
    JOIN visits_trigger t ON t.cause = 'flow' AND t.is_active
    JOIN clients_fundaccount a ON a.id = m.account_id
    JOIN clients_client c ON c.id = a.client_id
    WHERE m.month > %(today)s - {NEWS_DAYS} AND m.as_of > %(today)s - {NEWS_DAYS}
      AND (%(clients)s::bigint[] IS NULL OR c.id = ANY (%(clients)s::bigint[])
           OR c.merged_into_id = ANY (%(clients)s::bigint[]))
    GROUP BY 1, m.month, t.id
    HAVING abs(sum(m.net_inflow)) >= max(t.amount)
) f
"""  # noqa: S608

# Birthdays of these weeks: each by its month and day, solar or lunar, on the day it is this year.
BIRTHDAYS = """
SELECT * FROM unnest(%(birthday_places)s::smallint[], %(birthday_lunar)s::boolean[],
                     %(birthday_days)s::date[]) d (place, lunar, day)
"""
