"""What makes a ledger's tables in PostgreSQL, release after release: added to, never edited.

See `postgres_migrating.py`. They name no schema: that of the ledger is the only one in view.
"""

from __future__ import annotations

from itertools import starmap

from adapters.postgres_migrating import MIGRATION_TABLE

_TABLES = (
    MIGRATION_TABLE,
    """
    CREATE TABLE ledger (
        only_row integer PRIMARY KEY CHECK (only_row = 1),
        name text NOT NULL,
        format text NOT NULL,
        origin text NOT NULL CHECK (origin IN ('demo', 'hub'))
    )
    """,
    # Room on its page, so that moving it on writes no other page and nothing is left to clean up.
    """
    CREATE TABLE head (
        only_row integer PRIMARY KEY CHECK (only_row = 1),
        size bigint NOT NULL CHECK (size >= 0),
        recorded_ms bigint NOT NULL,
        fences bigint NOT NULL CHECK (fences >= 0),
        root bytea NOT NULL CHECK (octet_length(root) = 32)
    ) WITH (fillfactor = 10)
    """,
    # These names are the library's; `notification_id` is position + 1.
    """
    CREATE TABLE record (
        notification_id bigint PRIMARY KEY,
        originator_id uuid NOT NULL,
        originator_version bigint NOT NULL,
        topic text NOT NULL,
        event_id uuid NOT NULL UNIQUE,
        statement bytea NOT NULL CHECK (octet_length(statement) = 32),
        state bytea NOT NULL
    )
    """,
    # What is sealed cannot be made shorter: the server is not to try.
    "ALTER TABLE record ALTER COLUMN state SET STORAGE EXTERNAL",
    "CREATE INDEX record_by_stream ON record (originator_id)",
    """
    CREATE TABLE submission (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        source text NOT NULL,
        first bigint NOT NULL,
        count bigint NOT NULL,
        digests bytea NOT NULL,
        signature bytea NOT NULL,
        answer bytea NOT NULL
    )
    """,
    """
    CREATE TABLE tile (
        level integer NOT NULL CHECK (level >= 0),
        number bigint NOT NULL CHECK (number >= 0),
        top bytea NOT NULL CHECK (octet_length(top) = 32),
        hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
        PRIMARY KEY (level, number)
    )
    """,
    "ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL",
    # The size is the key, so that no size has two roots.
    """
    CREATE TABLE checkpoint (
        size bigint PRIMARY KEY CHECK (size > 0),
        root bytea NOT NULL CHECK (octet_length(root) = 32),
        note bytea NOT NULL,
        kept_ms bigint NOT NULL
    )
    """,
    """
    CREATE TABLE cosignature (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        size bigint NOT NULL REFERENCES checkpoint (size),
        line bytea NOT NULL,
        taken_ms bigint NOT NULL
    )
    """,
    # A line with a post-quantum signature is longer than an index takes.
    "CREATE UNIQUE INDEX cosignature_once ON cosignature (size, sha256(line))",
    """
    CREATE TABLE published (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        size bigint NOT NULL REFERENCES checkpoint (size),
        note bytea NOT NULL,
        published_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX published_by_size ON published (size, number)",
)

_ADDED_TO_ALONE = (
    *("migration", "ledger", "record", "submission", "tile"),
    *("checkpoint", "cosignature", "published"),
)


def _refusing(name: str, when: str) -> str:
    """Give a trigger function that refuses what it is called for, when this is so."""
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
        BEGIN
            IF {when} THEN
                RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
    """


def _trigger(name: str, table: str, event: str, function: str) -> tuple[str, str]:
    """Give a trigger that holds for replicas and restored dumps as well."""
    return (
        f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION {function}()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    )


def _stands(table: str, verbs: str) -> tuple[str, str]:
    event = f"BEFORE {verbs} ON {table} FOR EACH STATEMENT"
    return _trigger(f"{table}_stands", table, event, "refused")


def _watched(table: str, verb: str, function: str) -> tuple[str, str]:
    event = f"BEFORE {verb} ON {table} FOR EACH ROW"
    return _trigger(function, table, event, function)


# One look at all that a statement added costs less than one at each row.
_GAPLESS = """(
    SELECT count(*) > 0 AND (
        min(notification_id) <> (SELECT size FROM head) + 1
        OR max(notification_id) <> (SELECT size FROM head) + count(*)
    ) FROM added
)"""
_GOES_ON = """
    NEW.only_row <> OLD.only_row OR NEW.size < OLD.size
    OR NEW.recorded_ms < OLD.recorded_ms OR NEW.fences < OLD.fences
    OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
"""
_PROTECTION = (
    _refusing("refused", "true"),
    _refusing("record_in_order", _GAPLESS),
    _refusing("head_goes_on", _GOES_ON),
    _refusing(
        "tile_in_order",
        "NEW.number <> coalesce((SELECT max(number) FROM tile WHERE level = NEW.level), -1) + 1",
    ),
    _refusing("checkpoint_of_what_is_there", "NEW.size > (SELECT size FROM head)"),
    *(
        statement
        for table in _ADDED_TO_ALONE
        for statement in _stands(table, "UPDATE OR DELETE OR TRUNCATE")
    ),
    *_stands("head", "DELETE OR TRUNCATE"),
    *_trigger(
        "record_in_order",
        "record",
        "AFTER INSERT ON record REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
        "record_in_order",
    ),
    *(
        statement
        for pair in starmap(
            _watched,
            (
                ("head", "UPDATE", "head_goes_on"),
                ("tile", "INSERT", "tile_in_order"),
                ("checkpoint", "INSERT", "checkpoint_of_what_is_there"),
            ),
        )
        for statement in pair
    ),
)

_RIGHTS = (
    f"GRANT SELECT ON head, {', '.join(_ADDED_TO_ALONE)} TO bhr_writer, bhr_reader",
    "GRANT INSERT ON record, submission, tile, checkpoint, cosignature, published TO bhr_writer",
    "GRANT UPDATE (size, recorded_ms, fences, root) ON head TO bhr_writer",
)

# How far each queue that leads here is taken in: the number of the first message that is not.
_OFFSETS = (
    """
    CREATE TABLE queue_offset (
        queue uuid PRIMARY KEY,
        reached bigint NOT NULL CHECK (reached >= 0)
    )
    """,
    _refusing("queue_offset_goes_on", "NEW.queue <> OLD.queue OR NEW.reached < OLD.reached"),
    *_watched("queue_offset", "UPDATE", "queue_offset_goes_on"),
    *_stands("queue_offset", "DELETE OR TRUNCATE"),
    "GRANT SELECT ON queue_offset TO bhr_writer, bhr_reader",
    "GRANT INSERT ON queue_offset TO bhr_writer",
    "GRANT UPDATE (reached) ON queue_offset TO bhr_writer",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = ((*_TABLES, *_PROTECTION), _RIGHTS, _OFFSETS)
