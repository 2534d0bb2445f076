"""Every statement that touches the tables of a ledger's file."""

from __future__ import annotations

SELECT_IDENTITY = "SELECT name, format, origin FROM ledger"
SELECT_LAST = "SELECT coalesce(max(rowid), 0) FROM record"
SELECT_HEAD = "SELECT size, recorded_ms, fences, root FROM head"
MOVE_HEAD = "UPDATE head SET size = ?, recorded_ms = ?, fences = ?, root = ?"
"""With MOVE_OFFSET the one statement that changes a row of a ledger."""
MOVE_OFFSET = "UPDATE queue_offset SET reached = ? WHERE queue = ? AND reached = ?"
INSERT_OFFSET = "INSERT INTO queue_offset (queue, reached) VALUES (?, ?)"
SELECT_OFFSET = "SELECT reached FROM queue_offset WHERE queue = ?"

INSERT_RECORD = (
    "INSERT INTO record"
    " (rowid, originator_id, originator_version, topic, event_id, statement, state)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
INSERT_SUBMISSION = (
    "INSERT INTO submission (id, source, first, count, digests, signature, answer)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)

# A value that was altered by hand may be of another type: it is read as the bytes that it is.
_ENTRY = (
    "SELECT originator_version, event_id, originator_id, CAST(state AS BLOB), statement"
    " FROM record "
)
SELECT_ENTRIES = _ENTRY + "WHERE rowid > ? ORDER BY rowid LIMIT ?"
SELECT_EVENT = _ENTRY + "WHERE event_id = ?"
SELECT_STREAM = _ENTRY + "WHERE originator_id = ? ORDER BY rowid"
# The recorded time stands at the front of the leaf; a leaf's length in two bytes before it.
SELECT_FRONT = "SELECT substr(state, 1, 64) FROM record WHERE rowid = ?"
SELECT_LEAVES = (
    "SELECT coalesce(substr(CAST(state AS BLOB), 1, 65537), x'') FROM record WHERE rowid > ?"
    " ORDER BY rowid LIMIT ?"
)
SELECT_SIGNED = "SELECT source, digests, signature FROM submission WHERE id = ?"
SELECT_SUBMISSION = "SELECT first, count, digests, answer FROM submission WHERE id = ?"

# Ids come as one blob of 16 bytes each, so that one prepared statement serves any number of them.
SELECT_STANDING = """
    WITH RECURSIVE nth (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM nth WHERE n + 1 < :count)
    SELECT event_id, originator_version, statement, substr(state, 1, 64)
    FROM nth CROSS JOIN record WHERE event_id = substr(:ids, n * 16 + 1, 16)
"""
SELECT_ANSWERED = """
    WITH RECURSIVE nth (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM nth WHERE n + 1 < :count)
    SELECT id, source, digests, answer
    FROM nth CROSS JOIN submission WHERE id = substr(:ids, n * 16 + 1, 16)
"""

# --- the tree and the checkpoints -----------------------------------------------------------------

INSERT_TILE = "INSERT INTO tile (level, number, hashes, top) VALUES (?, ?, ?, ?)"
SELECT_TILE = "SELECT hashes FROM tile WHERE level = ? AND number = ?"
SELECT_TOPS = "SELECT top FROM tile WHERE level = ? AND number >= ? AND number < ? ORDER BY number"
SELECT_LAST_LOGGED = "SELECT state FROM record WHERE originator_id = ? ORDER BY rowid DESC LIMIT 1"
COUNT_LOGGED = "SELECT count(*) FROM record WHERE originator_id = ? AND rowid > ? AND rowid <= ?"

INSERT_CHECKPOINT = "INSERT INTO checkpoint (size, root, note, kept_ms) VALUES (?, ?, ?, ?)"
_KEPT = "SELECT size, root, note, kept_ms FROM checkpoint "
SELECT_KEPT_OF = _KEPT + "WHERE size = ?"
SELECT_KEPT = _KEPT + "WHERE size >= ? ORDER BY size LIMIT ?"
SELECT_LATEST_KEPT = _KEPT + "ORDER BY size DESC LIMIT 1"
INSERT_COSIGNATURE = "INSERT INTO cosignature (size, line, taken_ms) VALUES (?, ?, ?)"
SELECT_COSIGNATURES = "SELECT size, line, taken_ms FROM cosignature WHERE size = ? ORDER BY number"
INSERT_PUBLISHED = "INSERT INTO published (size, note, published_ms) VALUES (?, ?, ?)"
_PUBLISHED = "SELECT size, note, published_ms FROM published "
SELECT_PUBLISHED = _PUBLISHED + "WHERE size = ? ORDER BY number"
SELECT_LATEST_PUBLISHED = _PUBLISHED + "ORDER BY size DESC, number DESC LIMIT 1"
SELECT_COVERING = _PUBLISHED + "WHERE size > ? ORDER BY size, number LIMIT 1"
