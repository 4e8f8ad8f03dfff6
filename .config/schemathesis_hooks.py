"""What schemathesis must be told of this API, because no schema can say it."""

import uuid

import schemathesis

CURSORS = ("after", "before")
KEY, KEY_EXAMPLE = "Idempotency-Key", "order-4711"


@schemathesis.serializer("application/offset+octet-stream")
def chunk(ctx, value):
    """Bytes of an upload go as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def map_query(ctx, query):
    """A cursor is given by an answer and cannot be made up; `page` is not asked for beside one."""
    if query:
        for name in CURSORS:
            query.pop(name, None)
    return query


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """A key stands for one request: of those under that of the example, all but the first would be answered or refused for that, unread."""
    if case.headers and case.headers.get(KEY) == KEY_EXAMPLE:
        case.headers[KEY] = str(uuid.uuid4())
