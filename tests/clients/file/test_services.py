"""Writes of clients: numbers, assessments, segments, who serves, and an employee leaving."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clients.file.services import (
    Assessed,
    Details,
    EditConflict,
    IdentityDocument,
    add_risk_assessment,
    assign,
    create_client,
    pin_segment,
    set_identity,
    set_phones,
    unpin_segment,
    update_client,
)
from clients.models import Assignment, Client, Segment, SegmentChange
from clients.segments.classification import classify_nightly
from crm.operations import (
    AccountOpened,
    ClientSaved,
    account_opened,
    client_saved,
)
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db

ONE, TWO, THREE = "+8613812341234", "+8613912345678", "+862158881234"
CARD = "11010519491231002X"


def open_serves(client: Client) -> Assignment:
    return client.assignments.get(kind="serves", valid_to=None)


class TestCreate:
    def test_it_records_classifies_and_assigns_in_one_go(self, manager: Employee) -> None:
        told: list[ClientSaved] = []
        client_saved.register("test", 99, told.append)
        try:
            saved = create_client(
                by=manager,
                manager=manager,
                lifecycle="client",
                opened_on=today(),
                details=Details(
                    values={
                        "name": " 曾丽 ",
                        "investment_size": "small",
                        "investment_style": "conservative",
                    },
                    phones=[ONE],
                    identity=IdentityDocument("id_card", CARD),
                    assessed=Assessed("C2", today(), today() + timedelta(days=700)),
                ),
            )
        finally:
            client_saved.unregister("test")
        client = Client.objects.get(pk=saved.client.pk)
        assert (client.name, client.name_pinyin) == ("曾丽", "zengli")
        assert client.segment.key == "small_conservative"
        assert client.segment_changes.count() == 1
        assert (client.manager, client.branch) == (manager, manager.branch)
        assert open_serves(client).employee == manager
        assert client.phones.get().number == ONE
        assert client.identities.get().number == CARD
        assert client.risk_grade == "C2"
        assert "zengli" in str(client.search)
        assert [(event.client, event.created) for event in told] == [(client, True)]

    def test_it_leaves_nothing_behind_when_a_room_above_refuses(self, manager: Employee) -> None:
        def refuse(event: ClientSaved) -> None:
            raise ValidationError("no")

        client_saved.register("test", 99, refuse)
        try:
            with pytest.raises(ValidationError):
                create_client(by=manager, manager=manager, details=Details({"name": "钱七"}))
        finally:
            client_saved.unregister("test")
        assert not Client.objects.exists()
        assert not Assignment.objects.exists()

    def test_a_post_that_may_not_own_clients_is_refused(
        self, head: Employee, compliance: Employee
    ) -> None:
        with pytest.raises(ValidationError):
            create_client(by=head, manager=compliance, details=Details({"name": "钱七"}))
        assert not Client.objects.exists()


class TestUpdate:
    def test_the_second_saver_overwrites_nothing(self, zhang: Client, manager: Employee) -> None:
        first = Details({"name": "张伟", "notes": "first"})
        update_client(client_id=zhang.pk, version=zhang.version, by=manager, details=first)
        with pytest.raises(EditConflict):
            update_client(
                client_id=zhang.pk,
                version=zhang.version,
                by=manager,
                details=Details({"name": "张伟", "notes": "second"}),
            )
        zhang.refresh_from_db()
        assert zhang.notes == "first"

    def test_it_classifies_anew(self, zhang: Client, manager: Employee) -> None:
        update_client(
            client_id=zhang.pk,
            version=zhang.version,
            by=manager,
            details=Details({"name": "张伟", "investment_size": "very_large"}),
        )
        zhang.refresh_from_db()
        assert zhang.segment.key == "private"
        assert zhang.segment_since == today()

    def test_it_renews_what_search_finds(self, zhang: Client, manager: Employee) -> None:
        details = Details({"name": "仇英"})
        update_client(client_id=zhang.pk, version=zhang.version, by=manager, details=details)
        zhang.refresh_from_db()
        assert zhang.name_pinyin == "qiuying"
        assert "qiuying" in str(zhang.search)
        assert "zhangwei" not in str(zhang.search)


class TestNumbers:
    def test_an_old_phone_ends_and_stays(self, zhang: Client) -> None:
        set_phones(client=zhang, numbers=[ONE, TWO])
        set_phones(client=zhang, numbers=[TWO, THREE])
        now = zhang.phones.filter(valid_to=None).order_by("-is_primary")
        assert [phone.number for phone in now] == [TWO, THREE]
        ended = zhang.phones.exclude(valid_to=None).get()
        assert (ended.number, ended.valid_to) == (ONE, today())

    def test_phones_can_change_places(self, zhang: Client) -> None:
        set_phones(client=zhang, numbers=[ONE, TWO])
        set_phones(client=zhang, numbers=[TWO, ONE])
        assert zhang.phones.get(is_primary=True).number == TWO
        assert zhang.phones.count() == 2

    def test_a_number_that_comes_back_is_in_force_again(self, zhang: Client) -> None:
        for numbers in ([ONE], [TWO], [ONE]):
            set_phones(client=zhang, numbers=numbers)
        assert [phone.number for phone in zhang.phones.filter(valid_to=None)] == [ONE]
        assert zhang.phones.count() == 3

    def test_the_database_holds_no_clear_number(self, zhang: Client) -> None:
        set_phones(client=zhang, numbers=[ONE])
        phone = zhang.phones.get()
        for column in (phone.ciphertext, phone.number_index, phone.last4_index):
            assert b"1234" not in bytes(column)

    def test_the_same_number_twice_is_refused(self, zhang: Client) -> None:
        with pytest.raises(ValidationError):
            set_phones(client=zhang, numbers=[ONE, ONE])
        assert not zhang.phones.exists()

    def test_a_number_of_another_client_is_warned_of_without_a_name(
        self, zhang: Client, stranger: Employee
    ) -> None:
        other = ClientFactory(name="孙悦", manager=stranger)
        assert set_phones(client=other, numbers=[ONE]) == []
        assert set_identity(client=other, identity=IdentityDocument("id_card", CARD)) == []
        warnings = set_phones(client=zhang, numbers=[ONE])
        warnings += set_identity(client=zhang, identity=IdentityDocument("id_card", CARD))
        assert len(warnings) == 2
        assert not any(other.name in sentence for sentence in warnings)
        # Told once: a number that is held already does not warn again.
        assert set_phones(client=zhang, numbers=[ONE]) == []

    def test_a_renewed_paper_ends_the_old_one(self, zhang: Client) -> None:
        for expires in (date(2026, 1, 1), date(2046, 1, 1), date(2046, 1, 1)):
            set_identity(client=zhang, identity=IdentityDocument("id_card", CARD, expires))
        assert zhang.identities.count() == 2
        assert zhang.identities.get(valid_to=None).expires_on == date(2046, 1, 1)


class TestRisk:
    def test_the_newest_assessment_is_copied_onto_the_client(self, zhang: Client) -> None:
        day = today()
        late = Assessed("C4", day, day + timedelta(days=730))
        early = Assessed("C1", day - timedelta(days=9), day + timedelta(days=720))
        for assessed in (late, early, late):
            add_risk_assessment(client=zhang, assessed=assessed)
        zhang.refresh_from_db()
        assert (zhang.risk_grade, zhang.risk_expires_on) == ("C4", late.expires_on)
        assert zhang.risk_assessments.count() == 2

    @pytest.mark.parametrize(("on", "expires"), [(1, 700), (-5, -5), (-5, -9)])
    def test_impossible_days_are_refused(self, zhang: Client, on: int, expires: int) -> None:
        assessed = Assessed("C4", today() + timedelta(days=on), today() + timedelta(days=expires))
        with pytest.raises(ValidationError):
            add_risk_assessment(client=zhang, assessed=assessed)
        assert not zhang.risk_assessments.exists()


class TestSegment:
    def test_a_pin_holds_against_the_rules_until_it_is_removed(
        self, zhang: Client, manager: Employee
    ) -> None:
        private = Segment.objects.get(key="private")
        pin_segment(client=zhang, segment=private, reason="将转入大额资产", by=manager)
        details = Details({"name": "张伟", "notes": "x"})
        update_client(client_id=zhang.pk, version=zhang.version, by=manager, details=details)
        zhang.refresh_from_db()
        assert (zhang.segment, zhang.segment_pinned) == (private, True)
        unpin_segment(client=zhang, reason="未转入", by=manager)
        zhang.refresh_from_db()
        assert (zhang.segment.key, zhang.segment_pinned) == ("small_conservative", False)
        history = list(SegmentChange.objects.filter(client=zhang).order_by("id"))
        assert [(row.segment.key, row.pinned, row.employee) for row in history] == [
            ("private", True, manager),
            ("private", False, manager),
            ("small_conservative", False, None),
        ]
        assert history[-1].rule is not None

    def test_a_pin_ends_after_its_last_day(self, zhang: Client, manager: Employee) -> None:
        private = Segment.objects.get(key="private")
        start = today()
        last = start + timedelta(days=3)
        pin_segment(client=zhang, segment=private, reason="考察期", by=manager, until=last)
        for days, pinned in ((3, True), (4, False)):
            moment = timezone.make_aware(datetime.combine(start + timedelta(days=days), time(3)))
            with time_machine.travel(moment, tick=False):
                assert classify_nightly() is not None
            zhang.refresh_from_db()
            assert zhang.segment_pinned is pinned, days
        assert (zhang.segment.key, zhang.segment_pinned_until) == ("small_conservative", None)

    def test_a_pin_cannot_end_before_it_begins(self, zhang: Client, manager: Employee) -> None:
        private = Segment.objects.get(key="private")
        gone = today() - timedelta(days=1)
        with pytest.raises(ValidationError):
            pin_segment(client=zhang, segment=private, reason="x", by=manager, until=gone)

    def test_it_wants_a_reason_and_a_segment_of_this_branch(
        self, zhang: Client, manager: Employee, other_branch: Branch
    ) -> None:
        foreign = Segment.objects.create(key="local", name_zh="本地", branch=other_branch)
        before = zhang.segment
        with pytest.raises(ValidationError):
            pin_segment(client=zhang, segment=foreign, reason="x", by=manager)
        with pytest.raises(ValidationError):
            pin_segment(client=zhang, segment=before, reason=" ", by=manager)
        with pytest.raises(ValidationError):
            unpin_segment(client=zhang, reason="x", by=manager)
        zhang.refresh_from_db()
        assert (zhang.segment, zhang.segment_pinned) == (before, False)


class TestAssign:
    def test_it_closes_and_opens(
        self, zhang: Client, manager: Employee, stranger: Employee
    ) -> None:
        assign(client=zhang, employee=stranger, on=today(), reason="客户搬家")
        assert (zhang.manager, zhang.branch) == (stranger, stranger.branch)
        assert open_serves(zhang).reason == "客户搬家"
        closed = zhang.assignments.get(employee=manager)
        assert closed.valid_to == today()

    def test_nobody_keeps_the_branch(self, zhang: Client, branch: Branch) -> None:
        assign(client=zhang, employee=None, on=today(), reason="")
        assert (zhang.manager, zhang.branch) == (None, branch)
        assert not zhang.assignments.filter(valid_to=None).exists()

    def test_the_same_person_again_changes_nothing(self, zhang: Client, manager: Employee) -> None:
        before = open_serves(zhang)
        assign(client=zhang, employee=manager, on=today(), reason="")
        assert open_serves(zhang) == before
        assert zhang.assignments.count() == 1

    def test_what_cannot_be_is_refused(
        self, zhang: Client, manager: Employee, colleague: Employee, operations: Employee
    ) -> None:
        early, tomorrow = zhang.recorded_on - timedelta(days=1), today() + timedelta(days=1)
        for person, on in ((operations, today()), (colleague, early), (colleague, tomorrow)):
            with pytest.raises(ValidationError):
                assign(client=zhang, employee=person, on=on, reason="")
        zhang.refresh_from_db()
        assert zhang.manager == manager
        assert zhang.assignments.count() == 1


class TestOpening:
    def test_a_prospect_becomes_a_client(self, zhou: Client, manager: Employee) -> None:
        Client.objects.filter(pk=zhou.pk).update(investment_size="very_large")
        with transaction.atomic():
            account_opened.run(AccountOpened(client=zhou, opened_on=today(), employee=manager))
        assert (zhou.lifecycle, zhou.opened_on) == ("client", today())
        assert zhou.segment.key == "private"
        assert zhou.assignments.get(kind="developed").employee == manager

    def test_an_open_account_or_a_coming_day_is_refused(
        self, zhang: Client, zhou: Client, manager: Employee
    ) -> None:
        for client, on in ((zhang, today()), (zhou, today() + timedelta(days=1))):
            with pytest.raises(ValidationError), transaction.atomic():
                account_opened.run(AccountOpened(client=client, opened_on=on, employee=manager))
        zhou.refresh_from_db()
        assert zhou.lifecycle == "prospect"
