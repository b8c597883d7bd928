"""The import of clients: what lands, what is refused, and what a second run does."""

from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from clients.importing import workbook
from clients.importing.load import Loader
from clients.importing.mapping import source
from clients.models import Assignment, Client, Identity, Phone, SegmentChange
from clients.search import matching
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.clients.importing.files import HEADER, LI, MAPPING, ZHANG, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path: Path, branch: Branch) -> Desk:
    return Desk(tmp_path)


def zhang() -> Client:
    return Client.objects.get(source_key="A1")


class TestLanding:
    def test_it_fills_every_table_of_a_client(self, desk: Desk) -> None:
        said = desk.load(desk.csv(ZHANG, LI))
        assert said == "2 clients created, 0 updated, 0 unchanged; 0 rows refused.\n"
        client = zhang()
        assert (client.name, client.title, client.name_pinyin) == ("张伟", "mr", "zhangwei")
        assert (client.birthday, client.investment_size) == (date(1949, 12, 31), "small")
        assert (client.lifecycle, client.source, client.branch.code) == (
            "prospect",
            "imported",
            "PD",
        )
        assert client.segment.key == "prospect"
        assert SegmentChange.objects.get(client=client).segment.key == "prospect"
        assert client.phones.get().number == "+8613812345678"
        assert client.identities.get().number == "11010519491231002X"
        assert not desk.errors.exists()

    @pytest.mark.parametrize("query", ["张伟", "zhangw", "zw", "5678", "13812345678"])
    def test_it_can_be_found(self, desk: Desk, query: str) -> None:
        desk.load(desk.csv(ZHANG, LI))
        assert [c.name for c in matching(Client.objects.all(), query)] == ["张伟"]

    @pytest.mark.parametrize(
        ("by", "encoding"),
        [(",", "utf-8-sig"), (";", "utf-8"), (";", "gb18030"), (",", "utf-16"), ("\t", "utf-8")],
    )
    def test_it_reads_what_offices_write(self, desk: Desk, by: str, encoding: str) -> None:
        desk.load(desk.csv(ZHANG, LI, by=by, encoding=encoding))
        assert set(Client.objects.values_list("name", flat=True)) == {"张伟", "李娜"}

    def test_it_reads_a_workbook(self, desk: Desk) -> None:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(HEADER)
        sheet.append(["A1", "张伟", "先生", 13812345678, "11010519491231002X", date(1949, 12, 31)])
        sheet.append(["A2", "李娜", "女士", None, None, None, 200000.5])
        book.save(desk.path / "list.xlsx")
        assert desk.load(desk.path / "list.xlsx").startswith("2 clients created")
        assert zhang().birthday == date(1949, 12, 31)
        assert zhang().phones.get().number == "+8613812345678"
        assert Client.objects.get(source_key="A2").investment_size == "medium"

    def test_a_workbook_that_lost_digits_lands_nothing_of_that_row(self, desk: Desk) -> None:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(HEADER)
        sheet.append(["A1", "张伟", "先生", 13812345678, 110105194912310020])
        sheet.append([1234567890123456789, "李娜", "女士"])
        book.save(desk.path / "list.xlsx")
        assert "0 clients created" in desk.load(desk.path / "list.xlsx")
        lost = "Digits were lost"
        assert [fault.split(" (")[0] for fault in desk.faults()] == [
            f"2,证件,{lost}",
            f"3,编号,{lost}",
        ]

    def test_sizes_and_landlines_land_as_offices_write_them(self, desk: Desk) -> None:
        desk.load(desk.csv(["A1", "张伟", "", "010-61234567", "", "１９４９／１２／３１", "20万"]))
        client = zhang()
        assert client.phones.get().number == "+861061234567"
        assert (client.birthday, client.investment_size) == (date(1949, 12, 31), "medium")

    def test_a_dry_run_writes_nothing(self, desk: Desk) -> None:
        said = desk.load(desk.csv(ZHANG, ["A2", "", "", "", "", "", ""]), dry_run=True)
        assert said.startswith("1 rows are sound, 1 are not. Nothing was written.")
        assert not Client.objects.exists()
        assert not Phone.objects.exists()

    def test_it_deals_the_clients_out_to_the_managers(
        self,
        desk: Desk,
        manager: Employee,
        colleague: Employee,
        stranger: Employee,
        head: Employee,
        operations: Employee,
    ) -> None:
        desk.mapping.write_text('managers = "round_robin"\n' + MAPPING, encoding="utf-8")
        rows = [[f"K{n}", f"客户{n}", "", "", "", "", ""] for n in range(6)]
        desk.load(desk.csv(*rows))
        assert manager.clients.count() == colleague.clients.count() == 3
        serves = Assignment.objects.filter(kind="serves", valid_to=None)
        assert serves.count() == 6
        assert all(row.client.manager_id == row.employee_id for row in serves)

    def test_it_takes_managers_by_login_and_only_of_the_branch(
        self, desk: Desk, manager: Employee, stranger: Employee
    ) -> None:
        mapping = MAPPING.replace("\n[client]", 'managers = { column = "称呼" }\n\n[client]')
        mapping = mapping.replace(
            'title = { column = "称呼", values = { "先生" = "mr", "女士" = "ms" } }\n', ""
        )
        desk.mapping.write_text(mapping, encoding="utf-8")
        desk.load(
            desk.csv(["A1", "张伟", "wang", "", "", "", ""], ["A2", "李", "sun", "", "", "", ""])
        )
        assert zhang().manager == manager
        assert Client.objects.count() == 1
        assert desk.faults() == ["3,managers,sun is no manager of branch PD."]


class TestAgain:
    def test_it_changes_nothing_where_nothing_changed(self, desk: Desk) -> None:
        file = desk.csv(ZHANG, LI)
        desk.load(file)
        tables = (Client, Phone, Identity, Assignment, SegmentChange)
        before = [list(table.objects.order_by("pk").values()) for table in tables]
        assert desk.load(file).startswith("0 clients created, 0 updated, 2 unchanged")
        assert [list(table.objects.order_by("pk").values()) for table in tables] == before

    def test_it_updates_what_differs(self, desk: Desk) -> None:
        desk.load(desk.csv(ZHANG, LI))
        version = zhang().version
        changed = ["A1", "张大伟", "先生", "13800000001", "110105194912310011", "", "400000"]
        changed[4] = "11010519491231002X"
        assert desk.load(desk.csv(changed, LI)).startswith("0 clients created, 1 updated, 1 unch")
        client = zhang()
        assert (client.name, client.name_pinyin) == ("张大伟", "zhangdawei")
        assert (client.investment_size, client.version) == ("medium", version + 1)
        assert client.birthday == date(1949, 12, 31)
        assert client.phones.count() == 2
        assert client.phones.get(is_primary=True).number == "+8613812345678"
        for query in ("zdw", "5678", "0001"):
            assert matching(Client.objects.all(), query).get() == client

    def test_a_birthday_out_of_mind_is_a_fault_of_its_row(self, desk: Desk) -> None:
        desk.load(desk.csv(ZHANG, LI))
        Client.objects.filter(source_key="A1").update(lunar_birthday=1112)
        old, born = [*ZHANG], [*LI]
        old[5], born[5] = "1899-12-31", "1986-02-03"
        desk.load(desk.csv(old, born))
        assert desk.faults() == ["2,生日,The date lies before 1900-01-01: check the year."]
        assert Client.objects.get(source_key="A2").birthday == date(1986, 2, 3)

    def test_a_lunar_birthday_follows_the_changed_one(self, desk: Desk) -> None:
        born = ["A1", "张伟", "先生", "13812345678", "", "1949-12-31", "50000"]
        desk.load(desk.csv(born, LI))
        Client.objects.filter(source_key="A1").update(lunar_birthday=1112)
        born[5] = "1950-02-17"  # the first day of a lunar year
        desk.load(desk.csv(born, LI))
        assert (zhang().birthday, zhang().lunar_birthday) == (date(1950, 2, 17), 101)
        assert Client.objects.get(source_key="A2").lunar_birthday is None

    def test_an_empty_cell_takes_nothing_away(self, desk: Desk, manager: Employee) -> None:
        desk.load(desk.csv(ZHANG))
        Client.objects.update(manager=manager, lifecycle="client", opened_on=today())
        desk.load(desk.csv(["A1", "张伟", "", "", "", "", ""]))
        client = zhang()
        assert (client.title, client.investment_size, client.lifecycle) == ("mr", "small", "client")
        assert client.manager == manager
        assert client.phones.count() == client.identities.count() == 1

    def test_another_paper_closes_the_one_before(self, desk: Desk) -> None:
        desk.load(desk.csv(ZHANG))
        desk.load(desk.csv([*ZHANG[:4], "440524188001010014", *ZHANG[5:]]))
        assert zhang().identities.get(valid_to=None).number == "440524188001010014"
        assert zhang().identities.count() == 2

    def test_whole_batches_stay_when_one_fails_and_the_next_run_completes(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = [[f"K{n}", f"客户{n}", "", f"1390000{n:04}", "", "", ""] for n in range(10)]
        file = desk.csv(*rows)
        whole = Loader._assign
        batches: list[int] = []

        def power_cut(loader: Loader) -> None:
            batches.append(1)
            if len(batches) == 3:
                raise KeyboardInterrupt
            whole(loader)

        with monkeypatch.context() as broken:
            broken.setattr(Loader, "_assign", power_cut)
            with pytest.raises(KeyboardInterrupt):
                desk.load(file, batch=4)
        assert set(Client.objects.values_list("source_key", flat=True)) == {
            f"K{n}" for n in range(8)
        }
        assert Phone.objects.count() == 8
        assert desk.load(file, batch=4).startswith("2 clients created, 0 updated, 8 unchanged")
        assert Client.objects.count() == Phone.objects.count() == 10

    def test_an_unknown_word_for_the_managers_is_refused_with_what_is_allowed(
        self, desk: Desk
    ) -> None:
        desk.mapping.write_text('managers = "roundrobin"\n' + MAPPING, encoding="utf-8")
        said = desk.refusal(desk.csv(ZHANG))
        assert "'roundrobin'; allowed are 'round_robin'" in said

    def test_a_line_number_is_where_the_record_begins(self, desk: Desk) -> None:
        tall = ["A3", '"王\n五"', "", "x", "", "", ""]
        desk.load(desk.csv(tall, ["A4", "", "", "", "", "", ""]))
        assert [fault.split(",")[0] for fault in desk.faults()] == ["2", "4"]

    def test_what_the_database_refuses_is_a_sentence(self, desk: Desk) -> None:
        mapping = MAPPING.replace('"old-crm"', f'"{"x" * 41}"')
        desk.mapping.write_text(mapping, encoding="utf-8")
        assert "The database refused a batch" in desk.refusal(desk.csv(ZHANG))
        assert not Client.objects.exists()


class TestRowsRefused:
    @pytest.mark.parametrize(
        ("place", "cell", "reason"),
        [
            (1, "", "The name or the key is missing."),
            (1, "名" * 101, "Longer than 100 characters."),
            (2, "博士", "The mapping does not translate “博士”."),
            (3, "138abc45678", "Enter a phone number in digits"),
            (3, "1381234", "Enter a phone number in digits"),
            (4, "110105194912310021", "The last character does not fit"),
            (4, "12345", "Enter all 18 characters"),
            (5, "2999-01-01", "The date lies in the future."),
            (5, "1985-02-30", "Write the date as"),
            (5, "gestern", "Write the date as"),
            (6, "many", "Enter a number such as"),
            (6, "NaN", "Enter a number such as"),
            (6, "1234，56", "A comma groups thousands"),
            (1, "\u200b\ufeff", "The name or the key is missing."),
            (1, "张\ufffd", "The text is damaged at character 2."),
            (4, "1.10105194912311E+17", "Digits were lost"),
            (5, "1899-12-31", "The date lies before 1900-01-01"),
        ],
    )
    def test_it_says_line_column_and_reason_and_lands_the_rest(
        self, desk: Desk, place: int, cell: str, reason: str
    ) -> None:
        bad = list(ZHANG)
        bad[place] = cell
        said = desk.load(desk.csv(LI, bad))
        assert "1 clients created, 0 updated, 0 unchanged; 1 rows refused." in said
        assert str(desk.errors) in said
        assert Client.objects.get().name == "李娜"
        (fault,) = desk.faults()
        column = HEADER[place]
        assert fault.startswith((f"3,{column},{reason}", f'3,{column},"{reason}'))

    def test_a_row_with_fifty_columns_is_refused_alone(self, desk: Desk) -> None:
        desk.load(desk.csv(LI, [*ZHANG, *"x" * 43], ["A3", "王"]))
        assert Client.objects.get().name == "李娜"
        assert desk.faults() == ["3,,50 columns instead of 7", "4,,2 columns instead of 7"]

    def test_a_key_that_comes_twice_is_refused_even_in_another_batch(self, desk: Desk) -> None:
        desk.load(desk.csv(ZHANG, LI, [*ZHANG[:1], "他人", *[""] * 5]), batch=1)
        assert zhang().name == "张伟"
        assert desk.faults() == ["4,key,The key A1 comes twice."]

    def test_the_list_of_faults_is_safe_to_open_as_a_sheet(self, desk: Desk) -> None:
        header = ["=cmd()" if name == "称呼" else name for name in HEADER]
        desk.mapping.write_text(MAPPING.replace("称呼", "=cmd()"), encoding="utf-8")
        text = "\n".join(",".join(row) for row in (header, [*ZHANG[:2], "x", *ZHANG[3:]]))
        desk.load(desk.raw(text.encode()))
        assert desk.faults()[0].startswith("2,'=cmd(),")


class TestFileRefused:
    def test_an_empty_file(self, desk: Desk) -> None:
        assert "is empty" in desk.refusal(desk.raw(b""))
        assert "no row below its header" in desk.refusal(desk.csv())
        assert "no header row" in desk.refusal(desk.raw(b"\n\n"))

    def test_no_file(self, desk: Desk) -> None:
        assert "There is no file" in desk.refusal(desk.path / "absent.csv")
        assert "There is no file" in desk.refusal(desk.path)

    @pytest.mark.parametrize(
        "data",
        [b"\x89PNG\r\n\x1a\n\x00\x00\xff\xff", b"\xff\xfe\x00\xd8\x00", b"a,b\n\xff\xff,1\n"],
    )
    def test_what_is_no_text(self, desk: Desk, data: bytes) -> None:
        assert "is not text in UTF-8 or GB18030" in desk.refusal(desk.raw(data))

    def test_a_header_of_fifty_other_columns(self, desk: Desk) -> None:
        rows = [",".join(f"c{n}" for n in range(50)), ",".join(["1"] * 50)]
        said = desk.refusal(desk.raw("\n".join(rows).encode()))
        assert "has no column" in said
        assert not Client.objects.exists()

    @pytest.mark.parametrize(
        ("header", "sentence"),
        [
            ("a,a", "has the column “a” twice"),
            ("a,,b", "Column 2 of list.csv has no name"),
            (",".join(f"c{n}" for n in range(201)), "no header row"),
        ],
    )
    def test_a_header_that_names_nothing_clearly(
        self, desk: Desk, header: str, sentence: str
    ) -> None:
        assert sentence in desk.refusal(desk.raw(f"{header}\n1,2,3\n".encode()))

    def test_a_workbook_that_is_none_or_too_large(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import zipfile

        file = desk.path / "list.xlsx"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("readme.txt", "no workbook")
        assert "neither CSV nor an XLSX" in desk.refusal(file)
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("xl/workbook.xml", "<broken")
        assert "cannot be read" in desk.refusal(file)
        monkeypatch.setattr(workbook, "MAX_UNPACKED", 5)
        assert "unpacks to more than" in desk.refusal(file)

    def test_an_unknown_branch_or_mapping(self, desk: Desk) -> None:
        file = desk.csv(ZHANG)
        assert desk.refusal(file, branch="XX") == "There is no branch XX. Give its code."
        assert "one of: bank-full" in desk.refusal(file, mapping="absent")
        assert desk.refusal(file, batch=0) == "A batch has at least one row."

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("source = ", "is not valid TOML"),
            ('source = "x"', "needs source, and key and name"),
            (MAPPING + 'shoe_size = { column = "资产" }', "unknown field 'shoe_size'"),
            (MAPPING + 'notes = { colum = "资产" }', "unexpected keyword"),
            (MAPPING + 'notes = { template = "{nothing}" }', "nothing"),
            (MAPPING + 'notes = { column = "资产", factor = "x" }', "mapping.toml"),
            (MAPPING + 'opened_on = { date = "contact" }', "there is no [dates.contact]"),
            (MAPPING + "[shoes]\nsize = { value = '1' }", "[shoes] means nothing here"),
            (MAPPING + "[visit]\non = { value = '1' }", "needs on, key and outcome"),
        ],
    )
    def test_a_mapping_that_cannot_be_meant(self, desk: Desk, text: str, sentence: str) -> None:
        desk.mapping.write_text(text, encoding="utf-8")
        assert sentence in desk.refusal(desk.csv(ZHANG))

    def test_nobody_to_give_the_clients_to(self, desk: Desk, operations: Employee) -> None:
        desk.mapping.write_text('managers = "round_robin"\n' + MAPPING, encoding="utf-8")
        assert "has no manager to give" in desk.refusal(desk.csv(ZHANG))


@pytest.mark.parametrize("cell", ["x", "9e999999", "NaN", "-Infinity"])
def test_an_amount_that_no_column_holds_is_a_fault_of_its_row(cell: str) -> None:
    amount = source({"column": "资产", "factor": 8})
    with pytest.raises(ValidationError):
        amount.text({"资产": cell}, 1, {})


def test_no_number_is_stored_in_the_clear(desk: Desk) -> None:
    desk.load(desk.csv(ZHANG))
    client = Client.objects.values().get()
    phone, paper = Phone.objects.values().get(), Identity.objects.values().get()
    stored = repr(
        [client, {k: bytes(v) if isinstance(v, memoryview) else v for k, v in phone.items()}, paper]
    )
    assert "5678" not in stored.replace(str(client["public_id"]), "")
    assert "11010519491231" not in stored
