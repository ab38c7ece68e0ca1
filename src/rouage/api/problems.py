"""Every error as a problem document (RFC 9457): a stable type, a title, and a sentence in the member's language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from rouage.accounts import errors as accounts
from rouage.accounts.access import Refused as NotAllowed
from rouage.automations import errors as automations
from rouage.records import errors as records

MEDIA_TYPE = "application/problem+json"

type Errors = Sequence[Mapping[str, str]]


def problem(status: HTTPStatus, kind: str, detail: str, errors: Errors = ()) -> HttpResponse:
    """``kind`` ends the problem's type, for programs; ``detail`` is for people; ``errors`` name places in the input."""
    body: dict[str, Any] = {
        "type": f"urn:rouage:problem:{kind}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)


def install(api: NinjaAPI) -> None:
    """Answer every expected exception of the rooms below as a problem."""
    handlers: Mapping[type[Exception], Any] = {
        AuthenticationError: _signed_out,
        NotAllowed: _not_allowed,
        Http404: _not_found,
        ValidationError: _malformed,
        HttpError: _http_error,
        accounts.Invalid: _invalid,
        automations.NotPublishable: _not_publishable,
        automations.Refused: _refused,
        records.Refused: _refused,
    }
    for exception, handler in handlers.items():
        api.add_exception_handler(exception, handler)


def _signed_out(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problem(HTTPStatus.UNAUTHORIZED, "signed-out", _("Sign in first."))


def _not_allowed(_request: HttpRequest, error: NotAllowed) -> HttpResponse:
    return problem(HTTPStatus.FORBIDDEN, "not-allowed", str(error.sentence))


def _not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(HTTPStatus.NOT_FOUND, "not-found", _("There is nothing at this address."))


def _malformed(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"at": ".".join(str(part) for part in found["loc"]), "text": str(found["msg"])} for found in error.errors]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", _("The request does not have the right form."), errors)


def _http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(HTTPStatus(error.status_code), "request", str(error))


def _invalid(_request: HttpRequest, error: accounts.Invalid) -> HttpResponse:
    errors = [{"at": field, "text": str(text)} for field, text in error.errors.items()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", _("Some values cannot be taken."), errors)


def _not_publishable(_request: HttpRequest, error: automations.NotPublishable) -> HttpResponse:
    errors = [{"at": found.where, "text": found.text} for found in error.problems]
    detail = _("The draft has problems and was not published.")
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "not-publishable", detail, errors)


def _refused(_request: HttpRequest, error: automations.Refused | records.Refused) -> HttpResponse:
    return problem(HTTPStatus.CONFLICT, error.reason.code.replace("_", "-"), error.sentence)
