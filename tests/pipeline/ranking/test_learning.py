"""Learning: refused where there is too little, compared on later outcomes, blind to what is barred."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta

import numpy as np
import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from clients.models import Client
from crm.trading_days import today
from pipeline.models import Opportunity, RankingModel, RankingRate, RankingScore, StageMove
from pipeline.ranking import evaluation, features, learning, nightly, scorecard, scoring, training
from staff.models import Employee, Policy
from tests.factories import ClientFactory, OpportunityFactory, VisitFactory
from tests.pipeline.ranking.outcomes import outcomes, policies

pytestmark = pytest.mark.django_db


@pytest.fixture
def easy(db: None) -> None:
    policies(ranking_min_outcomes=100, ranking_min_each=20)


def test_ten_outcomes_keep_the_simple_rates(manager: Employee) -> None:
    outcomes(manager, 10)
    assert training.train().verdict == "too_few"
    scoring.refresh()
    assert scoring.model_in_use(today()) is None
    assert not RankingScore.objects.exclude(model=None).exists()


def test_outcomes_of_one_kind_keep_the_simple_rates(manager: Employee, easy: None) -> None:
    outcomes(manager, 120, won=lambda _chance, _row: False)
    made = training.train()
    assert (made.verdict, made.won, made.outcomes) == ("one_class", 0, 120)
    assert made.card == {}


def test_what_tells_nothing_is_not_used(manager: Employee, easy: None) -> None:
    outcomes(manager, 300, won=lambda chance, _row: chance.random() < 0.4)
    made = training.train()
    assert made.verdict == "not_better"
    assert scoring.model_in_use(today()) is None


def test_what_tells_much_is_used_and_sql_gives_the_same_as_python(
    manager: Employee, easy: None
) -> None:
    outcomes(manager, 300, won=lambda chance, row: (chance.random() < 0.9) == (row % 2 == 0))
    made = training.train()
    assert made.verdict == "used"
    learnt, simple = made.metrics["learnt"], made.metrics["rates"]
    assert learnt["auc_mean"] > simple["auc_mean"] + 0.1
    assert learnt["log_loss"] < simple["log_loss"]
    for source in ("referral", "leaflet", "walk_in"):
        client = ClientFactory(manager=manager, prospect=True, source=source)
        OpportunityFactory(client=client)
    scoring.refresh()
    chosen = features.allowed(features.barred(today()))
    for row in RankingScore.objects.select_related("opportunity__client"):
        assert row.model_id == made.pk
        table = {}
        for feature in chosen:
            value = row.facts[feature.name]
            table[feature.name] = (
                np.array([float("nan") if value is None else float(value)])
                if feature.kind == "number"
                else np.array([value or ""], dtype=object)
            )
        table[learning.LATEST] = np.array([learning.latest_known(today())])
        assert scorecard.predict(made.card, table)[0] == pytest.approx(row.probability)
    by_source = dict(RankingScore.objects.values_list("opportunity__client__source", "probability"))
    assert by_source["referral"] > 0.7 > 0.3 > by_source["leaflet"]


def test_a_model_is_plain_numbers_and_is_kept(manager: Employee, easy: None) -> None:
    outcomes(manager, 300, won=lambda chance, row: (chance.random() < 0.9) == (row % 2 == 0))
    first, second = training.train(), training.train()
    assert (first.version, second.version) == (1, 2)
    assert json.loads(json.dumps(second.card)) == second.card
    with pytest.raises(Exception, match="append_only"):
        RankingModel.objects.filter(pk=first.pk).update(verdict="too_few")


def test_barred_features_cannot_get_in() -> None:
    """Sex and marital state have no way in, nor the birthday, which the opening brings."""
    told = " ".join(feature.sql for feature in features.FEATURES) + features.SOURCE
    told += features.CONTACTS
    for barred in (
        "birthday",
        "title",
        "marital",
        "duration",
        "outcome",
        "name",
        "investment_size",
        "notes",
    ):
        assert barred not in told.lower(), barred
    assert features.barred(today()) == {"sex", "marital", "age"}
    policies(ranking_excluded_age=0, ranking_excluded_sex=0, ranking_excluded_marital=0)
    assert features.barred(today()) == {"sex", "marital"}
    fake = features.Feature("mr", "mr", "category", "c.title", grounds=frozenset({"sex"}))
    kept = features.FEATURES
    try:
        features.FEATURES = (*kept, fake)
        assert fake not in features.allowed([])
    finally:
        features.FEATURES = kept


def test_the_form_of_address_changes_no_score(manager: Employee, easy: None) -> None:
    """Even where every Mr was won and every Ms lost."""
    outcomes(manager, 300, won=lambda _chance, row: row % 2 == 0, told=False)
    for place, row in enumerate(Opportunity.objects.order_by("id").values("client_id")):
        title = "mr" if place % 2 == 0 else "ms"
        Client.objects.filter(pk=row["client_id"]).update(title=title)
    training.train()
    for title in ("mr", "ms"):
        OpportunityFactory(client=ClientFactory(manager=manager, prospect=True, title=title))
    scoring.refresh()
    assert RankingScore.objects.values("probability").distinct().count() == 1


def test_a_model_that_looks_at_what_is_barred_by_now_is_not_used(
    manager: Employee, easy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing_for = [replace(f, grounds=frozenset({"age"})) for f in features.FEATURES]
    monkeypatch.setattr(features, "FEATURES", tuple(standing_for))
    policies(ranking_excluded_age=0)
    outcomes(manager, 300, won=lambda chance, row: (chance.random() < 0.9) == (row % 2 == 0))
    made = training.train()
    assert made.verdict == "used"
    assert scoring.model_in_use(today()) == made
    Policy.objects.filter(key="ranking_excluded_age").update(value=1)
    assert scoring.model_in_use(today()) is None


def test_a_contact_of_the_same_day_or_later_is_not_known_yet(manager: Employee) -> None:
    row = outcomes(manager, 1)[0]
    day = StageMove.objects.get(opportunity=row, to_stage__key="new").moved_on
    for offset in (-1, 0, 1):
        at = timezone.make_aware(datetime.combine(day, time(10))) + timedelta(days=offset)
        VisitFactory(client=row.client, occurred_at=at)
    VisitFactory(
        client=row.client, confidential=True, occurred_at=timezone.now() - timedelta(days=900)
    )
    read = learning.read(features.allowed(["age"]))
    assert list(read.table["contacts"]) == [1.0]


def test_what_was_filled_in_later_is_not_known_yet(manager: Employee) -> None:
    """A type that is noted at the opening says nothing of the days before it."""
    row = outcomes(manager, 1)[0]
    day = StageMove.objects.get(opportunity=row, to_stage__key="new").moved_on
    friend = ClientFactory(manager=manager)
    events = apps.get_model("clients", "ClientEvent")._default_manager
    for days, kind in ((-1, "avoidant"), (0, "delegating"), (3, "advisory")):
        at = timezone.make_aware(datetime.combine(day, time(0, 30))) + timedelta(days=days)
        Client.objects.filter(pk=row.client_id).update(prospect_type=kind, referred_by=friend)
        last = events.filter(pgh_obj=row.client_id).latest("pgh_id")
        events.filter(pk=last.pk).update(pgh_created_at=at)
    read = learning.read(features.allowed(["age"]))
    assert [list(read.table[name]) for name in ("prospect_type", "referred")] == [
        ["avoidant"],
        ["yes"],
    ]
    scoring.refresh()
    found = RankingRate.objects.get(stage__key="new", prospect_type="avoidant")
    assert found.closed == 1


def test_later_blocks_are_learnt_from_earlier_outcomes_alone() -> None:
    asked = np.arange(100, dtype=float)
    known = asked + 30
    won = (asked % 3 == 0).astype(float)
    seen: list[tuple[float, float]] = []

    def way(table: object, won: object, past: np.ndarray, later: np.ndarray) -> np.ndarray:
        seen.append((float(known[past].max()), float(asked[later].min())))
        return np.full(len(later), 0.5)

    evaluation.in_time({"x": asked}, won, asked, known, {"way": way})
    assert len(seen) >= 3
    assert all(last < first for last, first in seen)


def test_the_latest_share_knows_only_days_before() -> None:
    known = np.array([1.0, 2.0, 2.0, 3.0])
    won = np.array([1.0, 1.0, 0.0, 1.0])
    found = evaluation.latest_share(np.array([1.0, 2.0, 3.0, 9.0]), known, won, latest=2)
    shares = 1 / (1 + np.exp(-found))
    assert shares == pytest.approx([2 / 20, 3 / 21, 3 / 22, 3 / 22])


def test_a_night_scores_once_and_trains_once_a_week(manager: Employee) -> None:
    OpportunityFactory(client=ClientFactory(manager=manager, prospect=True))
    night = today() + timedelta(days=1)
    with time_machine.travel(f"{night}T04:00:00+08:00", tick=False):
        assert nightly.score_when_due() == 1
        assert nightly.score_when_due() is None
        assert nightly.train_when_due() is not None
        assert nightly.train_when_due() is None
    for days, trained in ((3, False), (7, True)):
        with time_machine.travel(f"{night + timedelta(days=days)}T04:00:00+08:00", tick=False):
            assert (nightly.train_when_due() is not None) is trained
