"""Reading what a request brings: a bounded body, checked against its declared shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import msgspec

from llama_runner_pro.api.guard import not_json
from llama_runner_pro.api.problems import ApiProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

BODY_LIMIT_BYTES = 64 * 1024

S = TypeVar("S", bound=msgspec.Struct)

_AT_BYTE = re.compile(r"\(byte (\d+)\)")
_UNKNOWN_FIELD = re.compile(r"unknown field `(.*?)`")


async def read_body(request: Request, limit_bytes: int = BODY_LIMIT_BYTES) -> bytes:
    """The body; raises ApiProblem 413 beyond the limit, 415 when it is not declared as JSON."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit_bytes:
        raise _too_large(limit_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
    if body and request.headers.get("content-type") is None:
        raise not_json(None)
    return bytes(body)


def _too_large(limit_bytes: int) -> ApiProblem:
    return ApiProblem(
        413,
        "body_too_large",
        "Too much",
        f"a body may have at most {limit_bytes // 1024} kB",
        headers={"connection": "close"},
    )


def parse_body(body: bytes, shape: type[S]) -> S:
    """`body` as `shape`; nothing at all counts as an empty object.

    Raises ApiProblem 400 with line and column when it is not JSON, 422 when it is another shape.
    """
    try:
        return msgspec.json.decode(body if body.strip() else b"{}", type=shape)
    except msgspec.ValidationError as error:
        raise wrong_shape(error, shape, "body") from error
    except RecursionError as error:
        words = "the body is nested too deeply"
        raise ApiProblem(400, "bad_json", "The body is not JSON", words) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiProblem(
            400,
            "bad_json",
            "The body is not JSON",
            f"{place_of(error, body)}: {_AT_BYTE.sub('', str(error)).strip()}",
        ) from error


def parse_query(parameters: Mapping[str, str], shape: type[S]) -> S:
    """Query parameters as `shape`; raises ApiProblem 422 for unknown or wrong ones."""
    try:
        return msgspec.convert(dict(parameters), shape, strict=False)
    except msgspec.ValidationError as error:
        raise wrong_shape(error, shape, "query") from error


def wrong_shape(
    error: msgspec.ValidationError, shape: type[msgspec.Struct], where: str
) -> ApiProblem:
    """422, naming the field and, for an unknown one, what exists."""
    known = [field.encode_name for field in msgspec.structs.fields(shape)]
    unknown = _UNKNOWN_FIELD.search(str(error))
    if unknown:
        return ApiProblem(
            422,
            "unknown_field",
            f"Unknown field in the {where}",
            f"{where}: there is no field {unknown.group(1)!r} here",
            hint=f"known: {', '.join(known)}" if known else "this command takes no fields",
        )
    return ApiProblem(
        422,
        "invalid_value",
        f"Wrong value in the {where}",
        f"{where}: {error}",
        hint=f"known fields: {', '.join(known)}" if known else "",
    )


def place_of(error: Exception, body: bytes) -> str:
    """`line 2, column 5` of a decode error; the end of the text when it says no place."""
    at = _AT_BYTE.search(str(error))
    offset = int(at.group(1)) if at else len(body)
    if isinstance(error, UnicodeDecodeError):
        offset = error.start
    before = body[:offset]
    line = before.count(b"\n") + 1
    column = len(before) - (before.rfind(b"\n") + 1) + 1
    return f"line {line}, column {column}"
