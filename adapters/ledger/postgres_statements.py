"""Every statement that touches the tables of a ledger in PostgreSQL, but those that make them."""

from __future__ import annotations

SELECT_IDENTITY = "SELECT name, format, origin FROM ledger"
SELECT_LAST = "SELECT coalesce(max(notification_id), 0) FROM record"
# A superuser may do anything, and so is found by the same question.
SELECT_TOO_MUCH = (
    "SELECT bool_or(has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
    " OR pg_has_role(relowner, 'MEMBER')) FROM pg_class"
    " WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r'"
)

SELECT_HEAD = "SELECT size, recorded_ms, fences, root FROM head"
LOCK_HEAD = SELECT_HEAD + " FOR UPDATE"
"""Positions are given under this lock, so that they have no gaps."""
MOVE_HEAD = "UPDATE head SET size = %s, recorded_ms = %s, fences = %s, root = %s"
"""With MOVE_OFFSET the one statement that changes a row of a ledger."""
MOVE_OFFSET = "UPDATE queue_offset SET reached = %s WHERE queue = %s AND reached = %s"
INSERT_OFFSET = (
    "INSERT INTO queue_offset (queue, reached) VALUES (%s, %s) ON CONFLICT (queue) DO NOTHING"
)
SELECT_OFFSET = "SELECT reached FROM queue_offset WHERE queue = %s"

COPY_RECORDS = (
    "COPY record (notification_id, originator_id, originator_version, topic, event_id, statement,"
    " state) FROM STDIN (FORMAT BINARY)"
)
RECORD_TYPES = ("int8", "uuid", "int8", "text", "uuid", "bytea", "bytea")
INSERT_SUBMISSION = (
    "INSERT INTO submission (id, source, first, count, digests, signature, answer)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)

_ENTRY = "SELECT notification_id - 1, event_id, originator_id, state, statement FROM record "
SELECT_ENTRIES = _ENTRY + "WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
SELECT_EVENT = _ENTRY + "WHERE event_id = %s"
SELECT_STREAM = _ENTRY + "WHERE originator_id = %s ORDER BY notification_id"
# The recorded time stands at the front of the leaf; a leaf's length in two bytes before it.
SELECT_FRONT = "SELECT substr(state, 1, 64) FROM record WHERE notification_id = %s"
SELECT_LEAVES = (
    "SELECT substr(state, 1, 65537) FROM record WHERE notification_id > %s"
    " ORDER BY notification_id LIMIT %s"
)
SELECT_SIGNED = "SELECT source, digests, signature FROM submission WHERE id = %s"
SELECT_SUBMISSION = "SELECT first, count, digests, answer FROM submission WHERE id = %s"
SELECT_STANDING = (
    "SELECT event_id, notification_id - 1, statement, substr(state, 1, 64)"
    " FROM record WHERE event_id = ANY (%b)"
)
SELECT_ANSWERED = "SELECT id, source, digests, answer FROM submission WHERE id = ANY (%b)"

# --- the tree and the checkpoints -----------------------------------------------------------------

INSERT_TILE = "INSERT INTO tile (level, number, hashes, top) VALUES (%s, %s, %s, %s)"
SELECT_TILE = "SELECT hashes FROM tile WHERE level = %s AND number = %s"
SELECT_TOPS = (
    "SELECT top FROM tile WHERE level = %s AND number >= %s AND number < %s ORDER BY number"
)
SELECT_LAST_LOGGED = (
    "SELECT state FROM record WHERE originator_id = %s ORDER BY notification_id DESC LIMIT 1"
)
COUNT_LOGGED = (
    "SELECT count(*) FROM record"
    " WHERE originator_id = %s AND notification_id > %s AND notification_id <= %s"
)

# Of two that come at once the first stands, and the second waits until it is known which that is.
INSERT_CHECKPOINT = (
    "INSERT INTO checkpoint (size, root, note, kept_ms) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (size) DO NOTHING"
)
_KEPT = "SELECT size, root, note, kept_ms FROM checkpoint "
SELECT_KEPT_OF = _KEPT + "WHERE size = %s"
SELECT_KEPT = _KEPT + "WHERE size >= %s ORDER BY size LIMIT %s"
SELECT_LATEST_KEPT = _KEPT + "ORDER BY size DESC LIMIT 1"
INSERT_COSIGNATURE = (
    "INSERT INTO cosignature (size, line, taken_ms) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
)
SELECT_COSIGNATURES = "SELECT size, line, taken_ms FROM cosignature WHERE size = %s ORDER BY number"
INSERT_PUBLISHED = "INSERT INTO published (size, note, published_ms) VALUES (%s, %s, %s)"
_PUBLISHED = "SELECT size, note, published_ms FROM published "
SELECT_PUBLISHED = _PUBLISHED + "WHERE size = %s ORDER BY number"
SELECT_LATEST_PUBLISHED = _PUBLISHED + "ORDER BY size DESC, number DESC LIMIT 1"
SELECT_COVERING = _PUBLISHED + "WHERE size > %s ORDER BY size, number LIMIT 1"
