"""How a loaded table takes the published one's place, as statements."""

from etl_dags.cluster_settings import ClusterSettings
from etl_dags.demo_tables import LOCAL, StagingNames, drop_table, local_table, new_staging_names


def publish_statements(settings: ClusterSettings, staging: StagingNames) -> tuple[str, ...]:
    """The statements for all nodes, in their order, by which the attempt's table is published.

    The table that was published before is gone afterwards. Cut off anywhere, on the client's or on
    a node's side, they leave what the next attempt drops or replaces.
    """
    if settings.exchange_tables:
        return (
            f"EXCHANGE TABLES {settings.database}.{LOCAL} AND {settings.database}.{staging.local}"
            f"{settings.on_cluster}",
            drop_table(settings.database, staging.local, settings.on_cluster),
        )
    return (
        # A node that died between two renamings has none, and would fail every attempt from then.
        local_table(settings, new_staging_names().local).create(settings.on_cluster),
        _rename(settings, staging),
        drop_table(settings.database, staging.replaced, settings.on_cluster),
    )


def _rename(settings: ClusterSettings, staging: StagingNames) -> str:
    """The statement that renames one table after the other, and ends at the first that fails.

    It begins with the attempt's own: where that has been dropped because the attempt was given up,
    or renamed because a node executes the statement again, the published table is not touched.
    """
    renamings = (
        (staging.local, staging.loaded),
        (LOCAL, staging.replaced),
        (staging.loaded, LOCAL),
    )
    steps = ", ".join(
        f"{settings.database}.{before} TO {settings.database}.{after}"
        for before, after in renamings
    )
    return f"RENAME TABLE {steps}{settings.on_cluster}"
