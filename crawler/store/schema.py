"""The tables, for SQLite and PostgreSQL alike. A change here needs a migration in migrations/versions."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, UTC in the store, aware datetimes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn to UTC; a naive datetime is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """SQLite hands back naive values; they are UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

stories = Table(
    "stories",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("canonical_url", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("region", Text),
    Column("direction", Text),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),  # empty once [store] keep_bodies is over
    Column("author", Text),
    Column("source_name", Text),
    Column("section", Text),
    Column("publish_time", UtcDateTime),
    Column("precision", Text),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("text_form", Text, nullable=False),
    Column("repairs", JSON, nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("images", JSON, nullable=False),
    Column("document", JSON),
    Column("content_hash", Text, nullable=False),
    Column("story_id", ForeignKey("stories.id"), nullable=False),
    Column("similarity", Float),  # to the member that brought it into the story; null for the first
    Column("joined_because", Text),
    Column("differs", JSON),  # from that member: {"material", "added": sentences, "figures": [theirs, ours]}
    Index("articles_by_story", "story_id"),
    Index("articles_by_fetch", "fetched_at"),
    Index("articles_by_content", "content_hash"),
    Index("articles_by_source", "source", "fetched_at"),
    # So that retention finds the next bodies to empty without passing all that it emptied before.
    Index("articles_with_body", "fetched_at", sqlite_where=text("body <> ''"), postgresql_where=text("body <> ''")),
)

story_keys = Table(
    "story_keys",
    metadata,
    Column("key", BigInteger, primary_key=True),
    Column("article_id", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

story_splits = Table(  # pairs that a person told apart: no later article brings them together again
    "story_splits",
    metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("other_id", ForeignKey("articles.id"), primary_key=True),
    Column("decided_at", UtcDateTime, nullable=False),
)

flags = Table(
    "flags",
    metadata,
    Column("story_id", ForeignKey("stories.id"), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("article_id", ForeignKey("articles.id"), nullable=False),  # the article that the evidence points into
    Column("score", Float, nullable=False),
    Column("evidence", JSON, nullable=False),  # [{"field", "start", "end", "text"}]
    Column("flagged_at", UtcDateTime, nullable=False),
)

messages = Table(  # what is handed to a channel, as rendered; a retry sends the same bytes under the same key
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),  # "alert", "digest", "baseline", "operator", "heartbeat", "quota"
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("format", Text, nullable=False),  # "markdown", "html", "text"
    Column("state", Text, nullable=False),  # "queued", "sent", "dead", "moved"
    Column("attempts", Integer, nullable=False),
    Column("next_try", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("reached", JSON, nullable=False),  # hashes of the targets that took it in an earlier try
    Index("messages_by_state", "state", "next_try"),
    Index("messages_by_channel", "channel", "state"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("story_id", ForeignKey("stories.id"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # 0; 1, 2, … when something material was added to the story
    # "hit" → "queued" or "unwanted" → "planned" (in a message), "over" (a quota), "counted" → "sent";
    # "merged" into another story's, "moved" to another channel, "dead"
    Column("state", Text, nullable=False),
    Column("cadence", Text),  # "now", "held", "morning", "weekly", "archive"
    Column("urgent", Boolean, nullable=False),
    Column("due", UtcDateTime),
    Column("reader", Text),  # the subscriber whose rule let it through
    Column("message_id", ForeignKey("messages.id")),
    Column("article_id", ForeignKey("articles.id")),  # that brought the addition; null for revision 0
    Column("added", JSON),  # sentences that it added
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("story_id", "topic", "channel", "revision", name="one_alert"),
    Index("outbox_by_state", "state", "due"),
    Index("outbox_by_message", "message_id"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id")),  # one of the two
    Column("message_id", ForeignKey("messages.id")),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text, nullable=False),  # "hit", "routed", "queued", "sent", "failed", "dead", …
    Column("detail", Text, nullable=False),
    Index("ledger_by_outbox", "outbox_id"),
    Index("ledger_by_message", "message_id"),
)

buckets = Table(  # the pace of each channel, kept between runs
    "buckets",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

pages = Table(
    "pages",
    metadata,
    Column("canonical_url", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),  # "stored", "alias", "missing", "quarantined"
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),
    Column("next_try", UtcDateTime),  # null: settled
    Column("seen_at", UtcDateTime, nullable=False),
    Index("pages_to_retry", "source", "next_try"),
)

# Lists that were once read whole. Not `settled` from when something new is seen until all of it is.
sweeps = Table(
    "sweeps",
    metadata,
    Column("source", Text, primary_key=True),
    Column("url", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("settled", Boolean, nullable=False),
    Column("settled_at", UtcDateTime, nullable=False),  # the last time that they were
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("exit_code", Integer),
    Column("manifest", JSON, nullable=False),
)

source_runs = Table(
    "source_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False),  # "ok", "failed"
    Column("reason", Text),
    Column("cause", Text),  # of crawler.health.CAUSES
    Column("status", Integer),  # of HTTP
    Column("counts", JSON, nullable=False),
    Index("source_runs_by_source", "source", "started_at"),
)

source_checks = Table(
    "source_checks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("checked_at", UtcDateTime, nullable=False),
    Column("verdict", Text, nullable=False),  # "ok", "refused", "failed"
    Column("report", JSON, nullable=False),
    Index("source_checks_by_source", "source", "checked_at"),
)

source_health = Table(
    "source_health",
    metadata,
    Column("source", Text, primary_key=True),  # "" stands for our own network
    Column("state", Text, nullable=False),  # "ok", "quiet", "suspect", "down", "recovered"
    Column("since", UtcDateTime, nullable=False),
    Column("cause", Text),
    Column("status", Integer),
    Column("reason", Text),
    Column("failures", Integer, nullable=False),  # readings in a row
    Column("told", Boolean, nullable=False),
    Column("usual", Float),  # seconds between publications
    Column("silence", Float),  # seconds of silence that are unlike the source
    Column("learned_at", UtcDateTime),
    Column("last_new", UtcDateTime),
    Column("checked_at", UtcDateTime),
)

gaps = Table(  # lists that were read to their end without meeting an article that was known
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("list_url", Text, nullable=False),
    Column("after_url", Text, nullable=False),  # the newest article known before
    Column("before_url", Text, nullable=False),  # the oldest one read then; what lies between nobody knows
    Column("found_at", UtcDateTime, nullable=False),
    UniqueConstraint("source", "list_url", "after_url", name="one_gap"),
)
