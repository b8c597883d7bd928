"""From first contact to the opened account.

Opportunities
    ``services`` moves them along the stages, ``assessing`` judges them, ``closing`` is what follows
    a win, ``reading`` what their file shows. ``querysets`` is the access rule.

The board, the list and the calendar: one set, drawn in three ways
    ``filters`` says whose, ``picked`` what it is narrowed to, ``listing`` which stages, ``ways`` by
    which way they came, ``sorting`` in which order; ``board`` with ``cards`` and ``drops``, and
    ``calendar`` draw it.

Where prospects come from
    ``capture`` takes one down, ``origins`` puts right where one came from, ``links`` are QR codes and
    ``public`` what comes in through them; ``guidance`` how to speak with each type. ``channels`` and
    ``periods``, ``referrals`` with thanks.

Campaigns
    ``campaigns`` with ``campaign_lists`` and ``campaign_figures``; at the door ``door`` and
    ``walk_ins``.

Whom to contact next
    ``ranking``, with ``ranking_querysets`` as its access rule.

Whose time runs out
    ``retention``, by the numbers of ``policies``.

Parts in other rooms' pages and operations
    ``frames``, ``stream``, ``operations``, ``campaigns_merge``, ``origin_querysets``.
"""
