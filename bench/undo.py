"""With the header ``X-Undo`` what a page writes is rolled back, so that the firm stays as it was."""

from collections.abc import Callable

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse


class UndoMiddleware:
    """Directly within the transaction of ``UnitOfWorkMiddleware``; its session stays outside."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "X-Undo" in request.headers and connection.in_atomic_block:
            transaction.set_rollback(True)
        return response
