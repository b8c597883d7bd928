"""Addresses of one's own: what is accepted, what is refused, and that a hanging one ends."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from apprise import OverflowMode
from apprise.plugins.wecombot import NotifyWeComBot
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ValidationError

from crm import jobs
from crm.models import Job
from staff.models import Employee
from tests.cast import Browse
from visits.models import Endpoint, QuietHours
from visits.notifications import endpoints, quiet_hours, robot_delivery

pytestmark = pytest.mark.django_db
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7bcd-4bc4"


@pytest.mark.parametrize(
    ("url", "kind", "normal"),
    [
        (WECOM, "wecom", "wecombot://693a91f6-7bcd-4bc4/"),
        ("wecombot://abcdef123", "wecom", "wecombot://abcdef123/"),
        (
            "https://oapi.dingtalk.com/robot/send?access_token=abc123",
            "dingtalk",
            "dingtalk://abc123/",
        ),
        ("dingtalk://SEC123@abc123/", "dingtalk", "dingtalk://SEC123@abc123/"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/ab-cd", "feishu", "feishu://ab-cd/"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/ab-cd", "lark", "lark://ab-cd/"),
        ("https://example.com/hook?a=b", "webhook", "jsons://example.com/hook?-a=b"),
        ("jsons://example.com/hook?verify=no&rto=900", "webhook", "jsons://example.com/hook"),
    ],
)
def test_it_accepts_robots_and_webhooks(url: str, kind: str, normal: str) -> None:
    assert robot_delivery.normal(url) == (kind, normal)
    assert robot_delivery.normal(normal) == (kind, normal)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "garbage",
        "http://example.com/",
        "json://example.com/",
        "file:///etc/passwd",
        "mailto://a:b@example.com",
        "syslog://",
        "exec://ls",
        "slack://a/b/c",
        "wecombot://",
        "https://localhost/",
        "https://intranet/",
        "https://db.internal/x",
        "https://a b/",
        "https://127.0.0.1/",
        "https://10.0.0.8/",
        "https://192.168.1.1/",
        "https://0/",
        "https://169.254.169.254/latest",
        "https://100.64.0.1/",
        "https://[::1]/",
        "https://[fc00::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://2130706433/",
        "https://[fec0::1]/",
        "https://192.0.0.8/",
        "https://192.88.99.1/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://[::",
        "https://example.com:99999/",
        "https://qyapi.weixin.qq.com/other?key=abcdef",
        "https://example.com/" + "x" * 600,
        "https://example.com/?a=" + "好" * 100,  # short as typed, long once it is quoted
    ],
)
def test_it_refuses_the_rest_with_a_sentence(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        robot_delivery.normal(url)
    assert refused.value.messages[0].endswith((".", "。"))


def test_it_keeps_the_address_encrypted(manager: Employee) -> None:
    row = endpoints.add(employee=manager, label="群", url=WECOM)
    row.refresh_from_db()
    assert b"693a91f6" not in bytes(row.ciphertext)
    assert "693a91f6" not in row.shown
    assert row.url == "wecombot://693a91f6-7bcd-4bc4/"


# Sending -----------------------------------------------------------------------------------

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A local HTTPS server that answers as ``server.answer`` says."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hook.example.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=400))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example.com")]), False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "cert.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"] or 0)
            web.said.append(self.rfile.read(size).decode())
            web.answer(self)

        def log_message(self, *_args: Any) -> None: ...

    web: Any = HTTPServer(("127.0.0.1", 0), Handler)
    web.said, web.answer = [], reply(200, b"{}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    web.socket = context.wrap_socket(web.socket, server_side=True)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    found = socket.getaddrinfo("127.0.0.1", web.server_port, type=socket.SOCK_STREAM)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    monkeypatch.setattr(robot_delivery, "CERTIFICATES", str(pem))
    web.url = f"https://hook.example.com:{web.server_port}/in"
    yield web
    web.shutdown()


def reply(status: int, body: bytes, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for key, value in headers.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def as_public(server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The local server taken for one in the public internet."""
    monkeypatch.setattr(robot_delivery, "permitted", lambda _address: True)
    return server


def refusal(url: str) -> str:
    with pytest.raises(robot_delivery.Refused) as refused:
        robot_delivery.send(url=url, title="Test", body="3")
    return str(refused.value)


def test_it_sends_at_once(as_public: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin: Any = NotifyWeComBot
    monkeypatch.setattr(plugin, "notify_url", as_public.url + "?key={key}")
    as_public.answer = reply(200, b'{"errcode": 0, "errmsg": "ok"}')
    # In several parts, before each of which apprise's own brake would sleep for 5.5 seconds.
    monkeypatch.setattr(plugin, "overflow_mode", OverflowMode.SPLIT)
    brakes: list[float] = []
    monkeypatch.setattr("apprise.url.time", SimpleNamespace(sleep=brakes.append))
    robot_delivery.send(url=WECOM, title="Test", body="3 due " * 1000)
    assert len(as_public.said) > 1
    assert brakes == []
    assert "3 due" in as_public.said[-1]


def test_it_connects_to_nothing_inside_although_the_name_looks_public(server: Any) -> None:
    """A name that resolves to an inner address, at the very moment of connecting."""
    assert refusal(server.url)
    assert server.said == []


def test_it_follows_no_redirect(as_public: Any) -> None:
    as_public.answer = reply(302, b"", Location="https://127.0.0.1/")
    assert refusal(as_public.url)
    assert len(as_public.said) == 1


@pytest.mark.parametrize("status", [400, 404, 500])
def test_it_tells_a_refusal(as_public: Any, status: int) -> None:
    as_public.answer = reply(status, b"no")
    assert str(status) in refusal(as_public.url)


def test_it_ends_with_one_that_hangs(as_public: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robot_delivery, "ALTOGETHER_SECONDS", 1.0)

    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            for _ in range(300):  # never silent long enough for a timeout of reading
                handler.wfile.write(b"H")
                if over.wait(0.2):
                    return
        except OSError:
            return

    as_public.answer = drip
    began = time.monotonic()
    try:
        assert refusal(as_public.url)
        # A minute long it would have gone on.
        assert time.monotonic() - began < 40
    finally:
        over.set()


def test_it_checks_the_certificate(as_public: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robot_delivery, "CERTIFICATES", True)
    assert refusal(as_public.url)
    assert as_public.said == []


def test_a_robot_that_says_no_with_status_200_has_refused(
    as_public: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin: Any = NotifyWeComBot
    monkeypatch.setattr(plugin, "notify_url", as_public.url + "?key={key}")
    as_public.answer = reply(200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}')
    assert "93000" in refusal(WECOM)
    as_public.answer = reply(200, b'{"errcode": 0, "errmsg": "ok"}')
    robot_delivery.send(url=WECOM, title="Test", body="3")


def test_a_name_server_that_is_silent_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [released.wait(60)])
    monkeypatch.setattr(robot_delivery, "CONNECT_SECONDS", 0.2)
    before = time.monotonic()
    try:
        assert refusal("https://hooks.example.com/x")
        # A minute long it would have been waited for.
        assert time.monotonic() - before < 40
    finally:
        released.set()


# Pages -------------------------------------------------------------------------------------


def test_one_adds_tests_switches_and_removes(
    manager: Employee, browse: Browse, as_public: Any, django_capture_on_commit_callbacks: Any
) -> None:
    browser = browse(manager)
    answer = browser.post("/me/addresses/", {"label": "群", "url": as_public.url})
    assert answer.status_code == 302
    row = Endpoint.objects.get()
    assert "群" in browser.get("/me/addresses/").content.decode()
    page = browser.post(f"/me/addresses/{row.pk}/test/")["Location"]
    jobs.run(Job.objects.get().pk)
    assert "群" in browser.get(page).content.decode()
    row.refresh_from_db()
    assert row.last_ok_at
    browser.post(f"/me/addresses/{row.pk}/switch/")
    row.refresh_from_db()
    assert not row.enabled
    browser.post(f"/me/addresses/{row.pk}/remove/")
    row.refresh_from_db()
    assert bytes(row.ciphertext) == b""
    assert browser.post(f"/me/addresses/{row.pk}/test/").status_code == 404


def test_a_failed_test_says_why(manager: Employee, as_public: Any) -> None:
    row = endpoints.add(employee=manager, label="群", url=as_public.url)
    as_public.answer = reply(404, b"")
    job = endpoints.start_test(endpoint=row)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "404" in job.error


def test_a_wrong_address_is_told_and_not_kept(manager: Employee, browse: Browse) -> None:
    data = {"label": "x", "url": "https://10.0.0.1/"}
    answer = browse(manager).post("/me/addresses/", data)
    assert answer.status_code == 422
    assert not Endpoint.objects.exists()


def test_nobody_sees_the_addresses_of_others(
    manager: Employee, administrator: Employee, browse: Browse
) -> None:
    row = endpoints.add(employee=manager, label="群", url=WECOM)
    for action in ("test", "switch", "remove"):
        url = f"/me/addresses/{row.pk}/{action}/"
        assert browse(administrator).post(url).status_code == 404
        assert browse(manager).get(url).status_code == 405


def test_five_are_enough(manager: Employee, browse: Browse) -> None:
    for _ in range(endpoints.MOST):
        endpoints.add(employee=manager, label="群", url=WECOM)
    assert browse(manager).post("/me/addresses/", {"label": "x", "url": WECOM}).status_code == 422


def test_quiet_hours_are_kept(manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    data = {"quiet_from": "20:00", "quiet_to": "09:00"}
    assert browser.post("/me/quiet/", data).status_code == 302
    hours = quiet_hours.of(manager)
    assert hours
    assert [f"{hour:%H:%M}" for hour in hours] == ["20:00", "09:00"]
    assert browser.post("/me/quiet/", {"quiet_from": "x"}).status_code == 422
    assert QuietHours.objects.get().quiet_from.hour == 20
