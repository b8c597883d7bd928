"""The SQL of the days that planning may name. Steps of planning, as in ``statements``."""

# One interval of the cadence; a backlog is spread over one.
STEP = """CASE unit WHEN 'month' THEN make_interval(months => every)
                    ELSE make_interval(days => every) END"""

# Longer than any holiday: before and after it there is a trading day.
MARGIN_DAYS = 90

# With those around them, more than the trading days by which a birthday may be called for early.
BIRTHDAY_DAYS = 60

# Whether the account of a client of ``visits_base`` is new: the welcome call is still to be made.
NEW_ACCOUNT = """b.lifecycle = 'client'
      AND (b.opened_on + make_interval(months => b.new_months))::date >= b.created_on
      AND (b.last_contact_on IS NULL OR b.last_contact_on <= b.opened_on)"""

# First and last date that planning may name, and as much around them. Of one client these are some
# months, not the years that the client has been known: to number the days is most of its planning.
SPAN = f"""
SELECT LEAST(min(b.ideal_on), %(today)s - {BIRTHDAY_DAYS}, (SELECT min(happened_on) FROM visits_events),
             min(b.opened_on) FILTER (WHERE {NEW_ACCOUNT}),
             (SELECT min(GREATEST(e.expires_on - b.expiry_days, b.created_on))
              FROM visits_expiring e JOIN visits_base b USING (client_id))) - {MARGIN_DAYS} AS first,
       GREATEST(max(b.ideal_on), max(b.known_on + {STEP})::date, max(b.last_contact_on + b.gap),
                %(today)s) + {MARGIN_DAYS} AS last
FROM visits_base b
"""  # noqa: S608

# Every day that planning may name, with the trading days around it. Says the same as
# crm.trading_days: a row of the table decides its day; in a year whose list does not reach October yet,
# the computed days are closed. Each is there once; said, so that
# whoever plans a statement knows that one row at most is found by a day.
CALENDAR = """
SELECT DISTINCT ON (day) day, trading,
       min(day) FILTER (WHERE trading) OVER (ORDER BY day DESC) AS next_on,
       max(day) FILTER (WHERE trading) OVER (ORDER BY day) AS before_on,
       count(*) FILTER (WHERE trading) OVER (ORDER BY day) AS number
FROM (SELECT d.day, COALESCE(h.is_trading_day, EXTRACT(isodow FROM d.day) < 6 AND p.day IS NULL)
                        AS trading
      FROM (SELECT s.first + n AS day
            FROM visits_span s CROSS JOIN generate_series(0, s.last - s.first) n) d
      LEFT JOIN crm_holiday h ON h.day = d.day
      LEFT JOIN (SELECT c.day
                 FROM visits_span s
                 JOIN unnest(%(computed_closed_days)s::date[]) c (day)
                     ON c.day BETWEEN s.first AND s.last
                 WHERE NOT EXISTS (
                     SELECT FROM crm_holiday l
                     WHERE l.day BETWEEN make_date(EXTRACT(year FROM c.day)::integer, 10, 1)
                                     AND make_date(EXTRACT(year FROM c.day)::integer, 10, 8))
                ) p ON p.day = d.day) days
"""
