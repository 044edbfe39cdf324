"""Run by Alembic: the migrations use the connection, and the one transaction, that the store opened."""

from alembic import context

from crawler.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
