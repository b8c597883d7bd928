"""Example sentences for prospects, by attraction style, kind of question and prospect type.

The sentences without a type serve those whose type is not known. No sentence promises anything; a
test holds each against the banned phrases, in both languages.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from clients.models import ProspectType
from visits.models import AttractionStyle, QuestionStyle

_UNKNOWN = ""
_AVOIDANT, _DELEGATING = ProspectType.AVOIDANT.value, ProspectType.DELEGATING.value
_ADVISORY, _SELF_DIRECTED = ProspectType.ADVISORY.value, ProspectType.SELF_DIRECTED.value

ATTRACT: dict[str, dict[str, Any]] = {
    AttractionStyle.INTRODUCTION: {
        _UNKNOWN: _(
            "I look after clients around here: market notes in the morning, reminders of new "
            "shares, and help with every form."
        ),
        _AVOIDANT: _(
            "Just so that you know me: I explain how markets work. It costs nothing, and nobody "
            "has to open an account for that."
        ),
        _DELEGATING: _(
            "My part is to prepare: I lay out what fits your risk grade, and each step is yours "
            "to decide."
        ),
        _ADVISORY: _(
            "Our analysts write a short note every week. May I send you this week's, and hear "
            "what you think of it?"
        ),
        _SELF_DIRECTED: _(
            "Our trading software is quick and has all the data in one place. I can show it to "
            "you in ten minutes."
        ),
    },
    AttractionStyle.ANALOGY: {
        _UNKNOWN: _(
            "Investing is like daily meals: some of everything does one better than a lot of one "
            "dish."
        ),
        _AVOIDANT: _(
            "It is like learning to swim: one begins at the shallow end, and how far out to go is "
            "up to you."
        ),
        _DELEGATING: _(
            "It is like seeing a doctor: the doctor explains and advises, and you decide whether "
            "to take the medicine. So do we."
        ),
        _ADVISORY: _(
            "Before buying a flat one compares several. Shall I prepare two or three plans, with "
            "the risks of each?"
        ),
        _SELF_DIRECTED: _(
            "You are at the wheel. Take us for the navigation: we report the traffic, you choose "
            "the road."
        ),
    },
    AttractionStyle.DOUBT: {
        _UNKNOWN: _(
            "Most people first ask what it costs and what can go wrong. May I begin with these two?"
        ),
        _AVOIDANT: _(
            "To worry about losses is only natural: prices go up and down. Let us first see how "
            "much of that you could bear."
        ),
        _DELEGATING: _(
            "You would like to leave it all to us? The law does not allow that. But I can make "
            "each choice clear, so that it is easy for you to decide."
        ),
        _ADVISORY: _(
            "You have heard different views? I will list what each is based on, and what speaks "
            "against it."
        ),
        _SELF_DIRECTED: _(
            "Does moving your shares sound like trouble? They stay in your name all the way. Here "
            "are the steps, and the days that each takes."
        ),
    },
    AttractionStyle.BENEFIT: {
        _UNKNOWN: _(
            "With us you get market notes, reminders before a date passes, and a person whom you "
            "can reach."
        ),
        _AVOIDANT: _(
            "You might only read our notes for now. It costs nothing, and you will know more when "
            "you decide."
        ),
        _DELEGATING: _(
            "You get a written plan for your risk grade, and a reminder whenever a decision of "
            "yours is needed."
        ),
        _ADVISORY: _(
            "When an important report comes out, you hear the analyst explain it and can ask your "
            "own questions."
        ),
        _SELF_DIRECTED: _(
            "Conditional orders, level-2 quotes and research reports, all in one program."
        ),
    },
}

QUESTIONS: dict[str, dict[str, Any]] = {
    QuestionStyle.ABOUT: {
        _UNKNOWN: _("What do you do with your savings now, and what do you like best about it?"),
        _AVOIDANT: _("When friends talk of the stock market, what do you hear from them?"),
        _DELEGATING: _("Who decides about money in your family, and how is it decided?"),
        _ADVISORY: _("Whose opinion counts for you when it comes to investing?"),
        _SELF_DIRECTED: _("When you choose a share, what do you look at first?"),
    },
    QuestionStyle.COUNTER: {
        _UNKNOWN: _("May I ask back: what would have to be right for you to consider it?"),
        _AVOIDANT: _("You say it is risky. Which risk worries you most?"),
        _DELEGATING: _(
            "You ask what I would buy. What is this money for, and when will you need it?"
        ),
        _ADVISORY: _(
            "You ask whether now is the time. What makes you hesitate, and what speaks for it?"
        ),
        _SELF_DIRECTED: _(
            "You say you need no adviser. Which service would be of use to you all the same?"
        ),
    },
    QuestionStyle.HYPOTHETICAL: {
        _UNKNOWN: _("Suppose you had a sum free for three years: what should it do for you?"),
        _AVOIDANT: _(
            "Suppose you tried it with a small sum only: what would you want to know first?"
        ),
        _DELEGATING: _("Suppose two plans lay before you: what would you compare first?"),
        _ADVISORY: _("Suppose the market fell by a fifth: what would you want to hear from me?"),
        _SELF_DIRECTED: _(
            "Suppose your present broker could change one thing: which should it be?"
        ),
    },
    QuestionStyle.ADVICE: {
        _UNKNOWN: _("You know your trade, so let me ask: how is business in it these days?"),
        _AVOIDANT: _(
            "May I ask your advice: how would you explain this to your parents so that it is clear?"
        ),
        _DELEGATING: _(
            "May I ask your advice: how do you find people to trust with important matters?"
        ),
        _ADVISORY: _("You read a lot. How do you tell whether a report is a good one?"),
        _SELF_DIRECTED: _("After all these years, what one thing would you tell a beginner?"),
    },
    QuestionStyle.SILENCE: {
        _UNKNOWN: _(
            "“What matters most to you in this?” Then say nothing, and count to five in your head."
        ),
        _AVOIDANT: _("“What makes you uneasy about it?” Then wait, and do not rush to reply."),
        _DELEGATING: _("“What do you think yourself?” Then wait, and do not answer for them."),
        _ADVISORY: _("“Which of the two is closer to your view?” Then give them time to think."),
        _SELF_DIRECTED: _("“How would you do it?” Then only listen, and note the main points."),
    },
    QuestionStyle.ASSERTION: {
        _UNKNOWN: _(
            "You will want to be clear about costs and service first. Shall we go through them "
            "this week?"
        ),
        _AVOIDANT: _("Safety comes first for you, doesn't it?"),
        _DELEGATING: _("You want it well prepared, and decide yourself in the end, don't you?"),
        _ADVISORY: _("You decide once you have heard both sides, don't you?"),
        _SELF_DIRECTED: _("You judge for yourself, and want data rather than talk, don't you?"),
    },
}

OFFER_MATERIAL = _(
    "That is quite all right. May I send you a short leaflet, so that you have it at hand when you "
    "need it?"
)
ASK_REFERRAL = _(
    "Thank you for saying so plainly. If somebody around you would like to hear about it, could "
    "you ask them whether I may call?"
)
