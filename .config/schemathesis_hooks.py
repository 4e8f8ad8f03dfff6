"""What schemathesis must be told of this API, because no schema can say it."""

import schemathesis

CURSORS = ("after", "before")
CSV = b"sku,name,price\r\nMUG-%d,Enamel mug,12.99\r\n"


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
