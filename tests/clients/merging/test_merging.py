"""What is known of two merged records is found, shown and changed at the survivor."""

from datetime import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from clients.consents import services as consents
from clients.file import edit_views
from clients.file.services import EditConflict, refresh_search, set_phones
from clients.merging import services as merging
from clients.models import (
    Assignment,
    Client,
    ClientMerge,
    Consent,
    ContactPerson,
    Document,
    SegmentChange,
)
from clients.relations.services import Contact, add_contact, set_referrer
from clients.search import reindex
from crm.models import AccessLog
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory, FundAccountFactory

pytestmark = pytest.mark.django_db

NUMBER = "880012349876"


@pytest.fixture
def double(manager: Employee) -> Client:
    """Zhang's second record, under another name."""
    return ClientFactory(name="章威", name_pinyin="zhangwei", manager=manager)


def merge(survivor: Client, merged: Client, by: Employee, **take: str) -> ClientMerge:
    for client in (survivor, merged):
        client.refresh_from_db()
        client.forget_merged_keys()
    seen = {survivor.pk: survivor.version, merged.pk: merged.version}
    return merging.merge(survivor=survivor, merged=merged, versions=seen, take=take, by=by)


def found(browse: Browse, person: Employee, query: str) -> list[Client]:
    items: list[Client] = browse(person).get("/clients/", {"q": query}).context["page"].items
    return items


def page(browse: Browse, person: Employee, client: Client, path: str) -> str:
    return browse(person).get(f"{client.get_absolute_url()}{path}").content.decode()


# Search ---------------------------------------------------------------------------------------


def test_an_account_of_the_merged_record_finds_the_survivor(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    FundAccountFactory(client=double, number=NUMBER)
    done = merge(zhang, double, manager)
    for query in ("9876", NUMBER, "章威"):
        assert found(browse, manager, query) == [zhang], query
    merging.undo(done=done, by=manager)
    for query in ("9876", NUMBER, "章威"):
        assert found(browse, manager, query) == [double], query


def test_the_next_import_keeps_the_words_of_the_merged_record(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    FundAccountFactory(client=double, number=NUMBER)
    merge(zhang, double, manager)
    reindex([zhang.pk, double.pk])
    for query in ("9876", "章威", "张伟"):
        assert found(browse, manager, query) == [zhang], query


def test_a_number_that_was_ended_since_is_not_found(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    set_phones(client=double, numbers=["+8613912345678"])
    merge(zhang, double, manager)
    assert found(browse, manager, "13912345678") == [zhang]
    set_phones(client=zhang, numbers=["+8613812341234"])
    refresh_search(client=zhang)
    for query in ("13912345678", "5678"):
        assert found(browse, manager, query) == [], query


# The file -------------------------------------------------------------------------------------


def test_an_account_of_the_merged_record_is_shown_in_full(
    zhang: Client, double: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    account = FundAccountFactory(client=double, number=NUMBER)
    merge(zhang, double, manager)
    url = f"{zhang.get_absolute_url()}reveal/account/{account.pk}/"
    assert NUMBER in browse(manager).post(url, {"reason": "核对"}).content.decode()
    assert AccessLog.objects.filter(action="reveal", subject_id=account.pk).count() == 1
    assert browse(colleague).post(url, {"reason": "核对"}).status_code == 404


def test_contact_persons_of_both_are_shown_and_ended(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    secretary = Contact(name="李秘书", role="proxy", position="", phone="+8613912345678")
    person = add_contact(client=double, contact=secretary)
    merge(zhang, double, manager)
    for path in ("relations/", "panels/clients.relations/"):
        assert "李秘书" in page(browse, manager, zhang, path), path
    url = f"{zhang.get_absolute_url()}contacts/{person.pk}/end/"
    assert browse(manager).post(url).status_code == 302
    assert not ContactPerson.objects.filter(valid_to=None).exists()


def test_the_stream_and_the_history_are_of_both(
    zhang: Client, double: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=double.pk).update(notes="老档案的备注")
    kind = Assignment.Kind.DEVELOPED
    Assignment.objects.create(
        client=double, employee=colleague, kind=kind, valid_from=today(), valid_to=today()
    )
    SegmentChange.objects.create(
        client=double, segment=double.segment, pinned=True, reason="老友", employee=manager
    )
    merge(zhang, double, manager)
    stream = page(browse, manager, zhang, "timeline/")
    for text in ("老档案的备注", "李强", "老友"):
        assert text in stream, text
    history = page(browse, manager, zhang, "history/")
    for text in ("李强", "老友"):
        assert text in history, text


def test_a_document_of_the_merged_record_can_be_void(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    row = Document.objects.create(
        client=double,
        kind="agreement",
        title="合同",
        name="a.pdf",
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        file="documents/x",
        uploaded_by=manager,
    )
    merge(zhang, double, manager)
    url = f"{zhang.get_absolute_url()}documents/{row.public_id}/void/"
    assert browse(manager).post(url, {"reason": "重复"}).status_code == 302
    row.refresh_from_db()
    assert row.void_reason == "重复"


# Who brought whom -----------------------------------------------------------------------------


def test_whom_the_merged_record_brought_is_brought_by_the_survivor(
    zhang: Client, double: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    set_referrer(client=zhou, referrer=double)
    done = merge(zhang, double, manager)
    zhou.refresh_from_db()
    assert zhou.referred_by == zhang
    assert "周婷" in page(browse, manager, zhang, "relations/")
    assert "张伟" in page(browse, manager, zhou, "relations/")
    merging.undo(done=done, by=manager)
    zhou.refresh_from_db()
    assert zhou.referred_by == double


def test_who_brought_somebody_else_since_stays(
    zhang: Client, double: Client, zhou: Client, manager: Employee
) -> None:
    set_referrer(client=zhou, referrer=double)
    done = merge(zhang, double, manager)
    other = ClientFactory(manager=manager)
    set_referrer(client=zhou, referrer=other)
    merging.undo(done=done, by=manager)
    zhou.refresh_from_db()
    assert zhou.referred_by == other


def test_nobody_is_brought_by_themselves(
    zhang: Client, double: Client, zhou: Client, manager: Employee
) -> None:
    """The one record brought Zhou, who brought the other."""
    elder = ClientFactory(manager=manager)
    set_referrer(client=double, referrer=elder)
    set_referrer(client=zhou, referrer=double)
    set_referrer(client=zhang, referrer=zhou)
    merge(zhang, double, manager)
    for client in (zhang, zhou):
        client.refresh_from_db()
    assert (zhou.referred_by, zhang.referred_by) == (zhang, elder)


# Wishes and consents --------------------------------------------------------------------------


def hours(client: Client, start: int, end: int, note: str = "") -> None:
    Client.objects.filter(pk=client.pk).update(
        call_from=time(start), call_until=time(end), contact_note=note
    )


def test_only_hours_that_both_allow_are_left(
    zhang: Client, double: Client, manager: Employee
) -> None:
    hours(zhang, 9, 16, "收盘后")
    hours(double, 15, 18, "先发微信")
    done = merge(zhang, double, manager)
    zhang.refresh_from_db()
    assert (zhang.call_from, zhang.call_until) == (time(15), time(16))
    assert zhang.contact_note == "收盘后 · 先发微信"
    merging.undo(done=done, by=manager)
    zhang.refresh_from_db()
    assert (zhang.call_from, zhang.call_until) == (time(9), time(16))
    assert zhang.contact_note == "收盘后"


def test_hours_of_the_merged_record_count(zhang: Client, double: Client, manager: Employee) -> None:
    hours(double, 15, 18)
    merge(zhang, double, manager)
    zhang.refresh_from_db()
    assert (zhang.call_from, zhang.call_until) == (time(15), time(18))


def test_hours_without_any_in_common_stop_the_merge(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    hours(zhang, 9, 12)
    hours(double, 12, 18)
    with pytest.raises(ValidationError):
        merge(zhang, double, manager)
    url = f"/duplicates/{zhang.public_id}/{double.public_id}/"
    seen = {"version_left": zhang.version, "version_right": double.version}
    assert browse(manager).post(url, seen).status_code == 422


def give(client: Client, by: Employee, purpose: str = "service", channel: str = "phone") -> Consent:
    return consents.give(
        client=client, purpose=purpose, channel=channel, on=today(), proof="录音", by=by
    )


def test_a_consent_of_the_merged_record_is_withdrawn_at_the_survivor(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    both = [give(client, manager) for client in (double, zhang)]
    merge(zhang, double, manager)
    assert page(browse, manager, zhang, "consents/").count("/withdraw/") == 2
    url = f"{zhang.get_absolute_url()}consents/{both[0].pk}/withdraw/"
    assert browse(manager).post(url, {"how": "来电"}).status_code == 302
    # One and the same consent: it is not in force any more, whichever record has it.
    assert not Consent.objects.filter(withdrawn_on=None).exists()
    zhang.refresh_from_db()
    assert zhang.calls_refused
    with pytest.raises(ValidationError):
        consents.withdraw(consent=both[0], how="来电", by=manager)


def test_a_consent_that_the_merged_record_has_is_on_record(
    zhang: Client, double: Client, manager: Employee
) -> None:
    give(double, manager)
    merge(zhang, double, manager)
    for client in (zhang, double):
        with pytest.raises(ValidationError):
            give(client, manager)


# While somebody has a form open ---------------------------------------------------------------


def typed(browse: Browse, person: Employee, client: Client, **values: Any) -> dict[str, Any]:
    """The edit form as it was opened, with ``values`` typed into it."""
    form = browse(person).get(f"{client.get_absolute_url()}edit/").context["form"]
    names = [name for name in form.fields if name != "by_lunar"]
    shown = {name: form.get_initial_for_field(form.fields[name], name) for name in names}
    return {name: "" if value is None else value for name, value in shown.items()} | values


def test_what_was_typed_into_a_record_that_was_merged_is_kept(
    zhang: Client, double: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=zhang.pk).update(notes="survivor")
    form = typed(browse, manager, double, notes="typed meanwhile")
    merge(zhang, double, manager)
    url = f"{double.get_absolute_url()}edit/"
    answer = browse(manager).post(url, form)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "typed meanwhile" in text
    assert f'action="{zhang.get_absolute_url()}edit/"' in text
    assert f'href="{zhang.get_absolute_url()}"' in text
    # What was not touched is the survivor's; saving it there is a decision.
    again = answer.context["form"].data
    assert (again["name"], again["notes"]) == ("张伟", "typed meanwhile")
    saved = browse(manager).post(f"{zhang.get_absolute_url()}edit/", again.dict())
    assert saved.status_code == 302
    zhang.refresh_from_db()
    assert (zhang.name, zhang.notes) == ("张伟", "typed meanwhile")
    assert browse(colleague).post(url, form).status_code == 404
    assert browse(manager).post(url, {}).status_code == 409
    assert browse(manager).get(url)["Location"] == f"{zhang.get_absolute_url()}edit/"


@pytest.mark.parametrize("what", ["merged", "given"])
def test_a_merge_or_a_new_manager_between_two_reads_is_told(
    zhang: Client,
    double: Client,
    manager: Employee,
    colleague: Employee,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    def meanwhile(**_details: object) -> None:
        if what == "merged":
            merge(zhang, double, manager)
        else:
            Client.objects.filter(pk=double.pk).update(manager=colleague)
        double.refresh_from_db()
        raise EditConflict(double, None)

    form = typed(browse, manager, double, notes="typed meanwhile")
    monkeypatch.setattr(edit_views, "update_client", meanwhile)
    answer = browse(manager).post(f"{double.get_absolute_url()}edit/", form)
    assert answer.status_code == 409
    assert "typed meanwhile" in answer.content.decode()


def test_wishes_and_consents_for_a_record_that_was_merged_are_kept(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    held = give(double, manager, "marketing")
    seen = {"seen": double.version, "contact_note": "只用微信"}
    merge(zhang, double, manager)
    browser, gone = browse(manager), double.get_absolute_url()
    given = {"purpose": "service", "channel": "sms", "given_on": today(), "proof": "短信回复"}
    for path, form, text in (("wishes/", seen, "只用微信"), ("consents/give/", given, "短信回复")):
        answer = browser.post(f"{gone}{path}", form)
        assert answer.status_code == 409
        page = answer.content.decode()
        assert text in page
        assert f'action="{zhang.get_absolute_url()}{path}"' in page
    zhang.refresh_from_db()
    assert zhang.contact_note == ""
    # A withdrawal counts at once.
    url = f"{gone}consents/{held.pk}/withdraw/"
    assert browser.post(url, {"how": "来电"}).status_code == 302
    held.refresh_from_db()
    assert held.withdrawn_on == today()


# Segments -------------------------------------------------------------------------------------


def test_the_survivor_is_classified_at_once(
    zhang: Client, double: Client, manager: Employee
) -> None:
    """Not only in the night."""
    Client.objects.filter(pk=double.pk).update(
        income_level="high", investment_size="very_large", investment_style="aggressive"
    )
    before = zhang.segment
    columns = ("income_level", "investment_size", "investment_style")
    done = merge(zhang, double, manager, **dict.fromkeys(columns, "merged"))
    zhang.refresh_from_db()
    assert zhang.segment != before
    assert done.survivor.segment == zhang.segment
    merging.undo(done=done, by=manager)
    zhang.refresh_from_db()
    assert zhang.segment == before
