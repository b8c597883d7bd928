"""What is due, what happened, and what is said: callbacks, visits, scripts.

A visit, from the call to the next callback
    ``calls``, ``reports``, ``greeting``, ``lately`` read what the call screen shows, ``forms`` take
    it down, ``drafts`` keep what is being typed. ``recording`` writes visits and decisions on
    callbacks, ``unreached`` says what follows an attempt, ``corrections`` replace an entry;
    ``callbacks`` is what these writes share and ``services`` their door.

Planning: which callbacks there are, and on which day
    ``planning`` runs the statements of ``planning_sql`` (what is wanted), ``occasions_sql`` (reasons
    besides the cadence) and ``joining_sql`` (several reasons, one contact); ``levelling`` places
    what comes out. ``nightly`` starts it, ``cadence`` is its date arithmetic in Python,
    ``explain`` says why a day came out, ``segment_load`` what a change of segments would mean.
    ``occasions`` are noted by people.

Reminding: who is told, when and how
    ``reminders`` write rows and digests, ``delivery`` claims, sends and confirms them, ``inbox``
    does so for the app at once. ``messages`` says what a digest says, ``outside`` carries it to
    ``endpoints`` (addresses of one's own), ``quiet`` knows when nobody is disturbed.

The day
    ``worklist`` and ``worklist_rows`` draw Today, ``calendar`` and ``moving`` the calendar,
    ``appointments`` and ``invitations`` meetings, ``feeds`` calendars that leave the house,
    ``sheet`` the day on paper, ``filters``, ``grouping`` and ``callback_rows`` the lists.

What is said
    ``talk`` changes scripts and plans, ``script_versions`` and ``script_rules`` keep them sound,
    ``phrases`` are banned, ``talk_texts`` and ``talk_helps`` offer sentences, ``lessons`` tells what
    led on, ``suggestions`` of clients are answered.

Access
    ``querysets``: the client scope minus what is confidential.

Parts in other rooms' pages and operations
    ``panels``, ``stream``, ``importing``, ``operations``, ``purge``.
"""
