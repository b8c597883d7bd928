"""A browser that keeps cookies and looks at its watch."""

import http.client
import re
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode


@dataclass
class Answer:
    status: int
    body: bytes
    seconds: float
    # Statements that the page took; only where they were asked for.
    queries: int | None
    location: str


class Browser:
    """Talks to one port of this machine, one connection per request as gunicorn's workers want."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, data: dict[str, str], **headers: str) -> Answer:
        """Send a form as a page of the product does."""
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "X_CSRFToken": self.cookies["csrftoken"],
        }
        return self._ask("POST", path, urlencode(data), headers)

    def log_in(self, name: str, password: str) -> None:
        """Log in by the product's own form. Raises RuntimeError where that fails."""
        page = self.get("/accounts/login/").body.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"login": name, "password": password, "csrfmiddlewaretoken": found and found[1]}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._ask("POST", "/accounts/login/", urlencode(form), headers)
        if answer.status != 302:
            raise RuntimeError(f"{name} could not log in: {answer.status}")

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": cookies, "Accept-Language": "zh-CN", "Connection": "close"}
        started = time.perf_counter()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        line.request(
            method, path, body, sent | {k.replace("_", "-"): v for k, v in headers.items()}
        )
        response = line.getresponse()
        content = response.read()
        seconds = time.perf_counter() - started
        line.close()
        for header in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        queries = response.headers.get("X-Queries")
        return Answer(
            response.status,
            content,
            seconds,
            int(queries) if queries else None,
            response.headers.get("Location", ""),
        )
