"""Messages to addresses that employees set: robots of chat groups and webhooks, through apprise.

Apprise's plugins word the request; the request itself is made here, by a client that is handed to
them in place of ``requests``: HTTPS only, no redirects, no proxies, certificates always checked,
little read, an end to the waiting, and a connection only to an address that was looked at before
(the very one that is connected to, so that a name cannot change its mind in between).
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import threading
from contextvars import ContextVar
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import requests
from apprise import Apprise
from apprise.plugins import custom_json, dingtalk, feishu, lark, wecombot
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from visits.models import Endpoint

CONNECT_SECONDS, READ_SECONDS, ALTOGETHER_SECONDS = 4.0, 6.0, 12.0
MOST_BYTES = 20_000
# Characters of an address, as typed and in its normal form.
LONGEST = 500
CERTIFICATES: bool | str = True

Kind = Endpoint.Kind
_SCHEMAS = {
    "wecombot": Kind.WECOM,
    "dingtalk": Kind.DINGTALK,
    "feishu": Kind.FEISHU,
    "lark": Kind.LARK,
    "jsons": Kind.WEBHOOK,
}
# What the robots' own pages give one to copy: host, path, where the token stands.
_COPIED = {
    "qyapi.weixin.qq.com": ("/cgi-bin/webhook/send", "key", "wecombot"),
    "oapi.dingtalk.com": ("/robot/send", "access_token", "dingtalk"),
    "open.feishu.cn": ("/open-apis/bot/v2/hook/", "", "feishu"),
    "open.larksuite.com": ("/open-apis/bot/v2/hook/", "", "lark"),
}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{4,200}")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Protocol assignments and relays of 6to4: not private by the letter, and no host of anybody's.
_NO_HOST = [ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24")]


class Refused(Exception):
    """The message was not delivered; the text says why, without secrets."""


# What is accepted ---------------------------------------------------------------------------


def normal(url: str) -> tuple[str, str]:
    """Kind and normal form of an entered address; no network access.

    Raises ValidationError with a sentence for anything that is not on the list.
    """
    kind, made = _read(_plain(url.strip()))
    # Quoting makes it longer, and the normal form is read again before each message.
    return kind, _plain(made)


def _plain(url: str) -> str:
    if len(url) > LONGEST or re.search(r"[\s\x00-\x1f\\]", url):
        raise ValidationError(_("Enter one address, without spaces, of at most 500 characters."))
    return url


def _read(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValidationError(_("This is not an address. Copy it whole.")) from error
    scheme = parts.scheme.lower()
    if scheme == "https" and host in _COPIED:
        return _copied(host, parts.path, parts.query)
    if scheme in {"https", "jsons"}:
        return _webhook(url, scheme, host, port)
    if scheme not in _SCHEMAS:
        raise ValidationError(
            _("Only robots of WeCom, DingTalk, Feishu and Lark and webhooks by https are allowed.")
        )
    secret, _at, token = parts.netloc.rpartition("@")
    if scheme == "dingtalk" and secret and _TOKEN.fullmatch(secret) and _TOKEN.fullmatch(token):
        return _SCHEMAS[scheme], f"dingtalk://{secret}@{token}/"
    return _robot(scheme, parts.netloc)


def _copied(host: str, path: str, query: str) -> tuple[str, str]:
    start, name, scheme = _COPIED[host]
    if not path.startswith(start):
        raise ValidationError(_("This is not the address of a robot. Copy it whole."))
    token = parse_qs(query).get(name, [""])[0] if name else path.removeprefix(start).strip("/")
    return _robot(scheme, token)


def _robot(scheme: str, token: str) -> tuple[str, str]:
    if not _TOKEN.fullmatch(token):
        raise ValidationError(_("The token of the robot is missing. Copy the address whole."))
    return _SCHEMAS[scheme], f"{scheme}://{token}/"


def _webhook(url: str, scheme: str, host: str, port: int | None) -> tuple[str, str]:
    parts = urlsplit(url)
    inside = ValidationError(_("This address points inside the network. Enter a public one."))
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
        last = host.rstrip(".").rpartition(".")[2]
        if host == "localhost" or last in {"local", "internal", "localhost", "lan"}:
            raise inside from None
        if not re.fullmatch(rf"({name}\.)+[a-z][a-z0-9-]*", host):
            raise ValidationError(_("This is not an address. Copy it whole.")) from None
    else:
        if not permitted(str(address)):
            raise inside
    pairs = parse_qsl(parts.query)
    if scheme == "https":
        pairs = [(f"-{key}", value) for key, value in pairs]
    # Apprise's own switches (timeouts, certificates, repeats) are not the employee's to set.
    kept = "&".join(
        f"{key[0]}{quote(key[1:])}={quote(value)}" for key, value in pairs if key[:1] in "-+"
    )
    login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    shown = f"[{host}]" if ":" in host else host
    where = f"{shown}:{port}" if port else shown
    return Kind.WEBHOOK, f"jsons://{login}{where}{parts.path or '/'}" + (f"?{kept}" if kept else "")


def permitted(address: str) -> bool:
    """Whether an IP address is public; embedded IPv4 addresses are unwrapped."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return permitted(str(inner))
        if ip.is_site_local:
            return False
    elif any(ip in network for network in _NO_HOST):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


# How it is sent -----------------------------------------------------------------------------


@dataclass
class _Call:
    """A message in transit: its sockets and its result."""

    sockets: list[socket.socket] = field(default_factory=list)
    late: bool = False
    status: int = 0
    body: bytes = b""
    refused: str = ""

    def cut(self) -> None:
        """Time out: wake the threads that wait on these sockets."""
        self.late = True
        for held in self.sockets:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


_call: ContextVar[_Call] = ContextVar("call")


def _resolve(host: str, port: int | None) -> list[Any]:
    """What the name stands for; in a thread, since nothing else ends a question to a name server."""
    results: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            results.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            results.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = results.get(timeout=CONNECT_SECONDS)
    except Empty as late:
        answer = late
    if isinstance(answer, Exception):
        raise Refused(_("The name of this address is not known.")) from answer
    return answer


class _Connection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        """Connect to an address that was checked itself, never to a name."""
        addresses = _resolve(self._dns_host, self.port)
        if not all(permitted(str(address[0])) for *_kind, address in addresses):
            raise Refused(_("This address points inside the network. Enter a public one."))
        family, kind, protocol, _name, address = addresses[0]
        sock = socket.socket(family, kind, protocol)
        # TLS takes the first handle over; this one stays ours.
        _call.get().sockets.append(sock.dup())
        sock.settimeout(CONNECT_SECONDS)
        try:
            sock.connect(address)
        except OSError as error:
            sock.close()
            raise Refused(_("Nothing answers at this address.")) from error
        sock.settimeout(READ_SECONDS)
        return sock


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}


def _request(method: str, url: str, **wanted: Any) -> requests.Response:
    call = _call.get()
    with requests.Session() as session:
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", _Adapter())
        passed = {key: wanted.get(key) for key in ("data", "params", "headers", "auth")}
        try:
            answer = session.request(
                method,
                url,
                **passed,
                verify=CERTIFICATES,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            )
            call.status = answer.status_code
            call.body = answer.raw.read(MOST_BYTES, decode_content=True)
        except Refused as refused:
            call.refused = str(refused)
            raise requests.RequestException from refused
        except requests.exceptions.SSLError:
            call.refused = _("The certificate of this address is not valid.")
            raise
        except Exception as error:
            raise requests.RequestException from error
    answer._content = call.body
    answer._content_consumed = True
    return answer


_client = SimpleNamespace(
    request=_request,
    post=lambda url, **wanted: _request("POST", url, **wanted),
    codes=requests.codes,
    RequestException=requests.RequestException,
)
for _plugin in (custom_json, dingtalk, feishu, lark, wecombot):
    _plugin.requests = _client  # type: ignore[attr-defined]


def send(*, url: str, title: str, body: str) -> None:
    """Send one message to an address in its normal form. Raises Refused with the reason."""
    try:
        kind, url = normal(url)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    plugin: Any = Apprise.instantiate(url)
    if plugin is None:
        raise Refused(_("This is not an address. Copy it whole."))
    # It would sleep 5.5 seconds; one digest per employee and slot needs no brake.
    plugin.request_rate_per_sec = 0
    call = _Call()
    token = _call.set(call)
    timer = threading.Timer(ALTOGETHER_SECONDS, call.cut)
    timer.start()
    try:
        plugin.notify(title=title, body=body)
    finally:
        timer.cancel()
        _call.reset(token)
        for held in call.sockets:
            held.close()
    _judge(kind, call)


def _judge(kind: str, call: _Call) -> None:
    """Raise Refused where the answer is no: robots say so with status 200."""
    if call.refused:
        raise Refused(call.refused)
    if not call.status or call.late:
        raise Refused(_("The address did not answer in time."))
    if 300 <= call.status < 400:
        raise Refused(_("The address sends on to another one. Enter the final address."))
    if not 200 <= call.status < 300:
        raise Refused(_("The address answered with status %(code)s.") % {"code": call.status})
    if kind == Kind.WEBHOOK:
        return
    try:
        said = json.loads(call.body)
        code = said.get("errcode", said.get("code", said.get("StatusCode")))
        text = str(said.get("errmsg") or said.get("msg") or "")[:80]
    except (ValueError, AttributeError):
        code, text = None, ""
    if code != 0:
        raise Refused(_("The robot refused: %(reason)s") % {"reason": f"{code} {text}".strip()})
