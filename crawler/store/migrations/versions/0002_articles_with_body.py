"""An index of the articles whose text is kept, for [store] keep_bodies."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the index."""
    kept = sa.text("body <> ''")
    op.create_index("articles_with_body", "articles", ["fetched_at"], sqlite_where=kept, postgresql_where=kept)
